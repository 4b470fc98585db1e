namespace Samovar.Cli.Tour;

/// <summary>One system of the chapter: the same work in several ways, timed.</summary>
internal abstract class Lesson
{
    /// <summary>How many there are. The grammar of every command is built at each start, the lessons only for a tour.</summary>
    public const int Count = 12;

    /// <summary>Its place in the chapter, from 1.</summary>
    public abstract int Number { get; }

    /// <summary>A word or two.</summary>
    public abstract string Title { get; }

    /// <summary>What is done, in a sentence.</summary>
    public abstract string Work { get; }

    /// <summary>All of them, made anew, in the chapter's order.</summary>
    public static IReadOnlyList<Lesson> MakeAll() =>
    [
        new Lessons.Tea(), new Lessons.InputReader(), new Lessons.Temperatures(), new Lessons.SharedState(), new Lessons.NoGlobalLock(),
        new Lessons.WhatThreadsCost(), new Lessons.MuchCpu(), new Lessons.JobsOnAPool(), new Lessons.ProcessOrPool(), new Lessons.Numbers(),
        new Lessons.Downloads(), new Lessons.Coroutines(),
    ];

    public abstract Task TeachAsync(Classroom room);
}
