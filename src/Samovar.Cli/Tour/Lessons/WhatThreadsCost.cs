namespace Samovar.Cli.Tour.Lessons;

/// <summary>A thread for each of many jobs against a pool: memory and time.</summary>
internal sealed class WhatThreadsCost : Lesson
{
    public override int Number => 6;

    public override string Title => "What threads cost";

    public override string Work => "small jobs, ten thousand unless told otherwise.";

    public override async Task TeachAsync(Classroom room)
    {
        await room.TimeAsync("a thread for each", () => WithThreads(room), Show);
        await using var pool = new ThreadExecutor(new() { Workers = Environment.ProcessorCount });
        await room.TimeAsync($"a pool of {Environment.ProcessorCount}", () => WithPool(room, pool), Show);
    }

    private static long WithThreads(Classroom room)
    {
        long before = Environment.WorkingSet;
        using var all = new ManualResetEventSlim();
        var threads = new List<Thread>();
        try
        {
            for (int i = 0; i < room.Jobs; i++)
            {
                var thread = new Thread(() =>
                {
                    all.Wait();
                    Job();
                });
                thread.Start();
                threads.Add(thread);
            }
        }
        catch (OutOfMemoryException)
        {
            room.Say($"no more than {threads.Count:N0} threads can be had here");
        }

        long during = Environment.WorkingSet;
        all.Set();
        foreach (var thread in threads) thread.Join();
        return during - before;
    }

    private static long WithPool(Classroom room, ThreadExecutor pool)
    {
        long before = Environment.WorkingSet;
        Future[] futures = [.. Enumerable.Range(0, room.Jobs).Select(_ => pool.Submit(Job))];
        long during = Environment.WorkingSet;
        foreach (var future in futures) future.Wait();
        return during - before;
    }

    private static void Job() => Thread.SpinWait(100);

    private static string Show(long bytes) => $"{Math.Max(0, bytes) / (1024.0 * 1024):N1} MiB more memory";
}
