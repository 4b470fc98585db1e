using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Platform;

/// <summary>Shipping reads and makes objects by reflection, and a worker process loads the program's own assemblies: both need the program as it was compiled.</summary>
internal static class WholeProgram
{
    private static readonly string? s_obstacle = Obstacle(RuntimeFeature.IsDynamicCodeSupported, HasUnreferenced());

    /// <summary>Makes sure that nothing was taken out of the program.</summary>
    /// <exception cref="PlatformNotSupportedException">It is set up for compilation ahead of time, or was trimmed as a whole.</exception>
    public static void Require()
    {
        if (s_obstacle is not null) throw new PlatformNotSupportedException(s_obstacle);
    }

    /// <summary>Why nothing can be shipped; null where it can.</summary>
    /// <param name="isCompiledAtRunTime">Whether the runtime may load assemblies and compile; <c>dotnet run</c> switches it off too where <c>PublishAot</c> is set.</param>
    /// <param name="isWhole">Whether code is there that nothing refers to.</param>
    internal static string? Obstacle(bool isCompiledAtRunTime, bool isWhole)
    {
        const string Rest = "ThreadExecutor, InlineExecutor and EventLoop do without.";
        return !isCompiledAtRunTime
            ? "This program is set up for compilation ahead of time (PublishAot), after which no runtime is there to load its work in a worker process, and worker processes, queues "
                + $"and pipes cannot be used. Set PublishAot to false (in a C# file: #:property PublishAot=false). {Rest}"
            : !isWhole
            ? "This program was trimmed as a whole (PublishTrimmed, TrimMode full): code that is reached by reflection only was taken out of it, and worker processes, queues and pipes cannot be used. "
                + $"Publish it without PublishTrimmed. {Rest}"
            : null;
    }

    // By a name that no tool for trimming can follow.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "That it may be gone is the question.")]
    private static bool HasUnreferenced() => typeof(WholeProgram).Assembly.GetType($"{typeof(WholeProgram).Namespace}.Un{Suffix}") is not null;

    private static string Suffix => string.Concat("re", "ferenced");
}

/// <summary>Nothing refers to it, so that it is there only in a program that was not trimmed.</summary>
internal static class Unreferenced;
