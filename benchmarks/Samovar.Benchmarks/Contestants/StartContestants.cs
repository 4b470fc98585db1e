using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Starting and killing workers, and the cost of a bare .NET process. Times in milliseconds.</summary>
internal static class StartContestants
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P1 .NET, a process a call", ProcessACallAsync), new("P2 .NET, a process a call", ProcessTripAsync),
        new("P4 Samovar", ColdAsync), new("P4.spare Samovar", FromSpareAsync), new("P4 .NET, a process started and ended", BareAsync),
        new("P5 Samovar", KilledAsync), new("P5 a process killed, seen by its parent", SeenAsync), new("P19 .NET, a bare process", BareMemoryAsync),
    ];

    private static async IAsyncEnumerable<double> ProcessACallAsync(Request request)
    {
        while (true) yield return 1e3 / await RunAsync();
    }

    private static async IAsyncEnumerable<double> ProcessTripAsync(Request request)
    {
        while (true) yield return await RunAsync() * 1e3;
    }

    private static async IAsyncEnumerable<double> BareAsync(Request request)
    {
        while (true) yield return await RunAsync();
    }

    private static async IAsyncEnumerable<double> ColdAsync(Request request)
    {
        while (true)
        {
            long began = Stopwatch.GetTimestamp();
            await using var pool = new ProcessExecutor(new() { Workers = 1 });
            await pool.Submit(static () => 1);
            yield return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    // Measures from when the pool has detected the worker's exit: the spare has then replaced it, and the next task is its first. The spare has been
    // idle for a while, because a new one first runs a warm-up task for about 25 ms, for which other tasks wait.
    private static async IAsyncEnumerable<double> FromSpareAsync(Request request)
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, SpareWorkers = 1 });
        int id = await pool.Submit(static () => Environment.ProcessId);
        while (true)
        {
            await IdleAsync(pool, 2);
            await Task.Delay(s_warmUp);
            using var victim = Process.GetProcessById(id);
            victim.Kill();
            while (pool.GetStatistics().IdleWorkers > 1) await Task.Yield();
            long began = Stopwatch.GetTimestamp();
            id = await pool.Submit(static () => Environment.ProcessId);
            yield return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private static async IAsyncEnumerable<double> KilledAsync(Request request)
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, SpareWorkers = 1 });
        await pool.Submit(static () => 1);
        while (true)
        {
            await IdleAsync(pool, 2);
            int id = await pool.Submit(static () => Environment.ProcessId);
            using var victim = Process.GetProcessById(id);
            long began = Stopwatch.GetTimestamp();
            victim.Kill();
            await ResultAsync(pool);
            yield return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private static async Task ResultAsync(ProcessExecutor pool)
    {
        while (true)
        {
            try
            {
                await pool.Submit(static () => 1);
                return;
            }
            catch (WorkerCrashedException)
            {
                // The task was sent to the killed worker. It is the only task that is lost.
            }
        }
    }

    private static async IAsyncEnumerable<double> SeenAsync(Request request)
    {
        while (true)
        {
            await using var child = ChildProcess.Start(static () => new ManualResetEventSlim().Wait());
            await Task.Delay(100); // until it runs
            long began = Stopwatch.GetTimestamp();
            child.Kill();
            await child.JoinAsync();
            yield return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private static async IAsyncEnumerable<double> BareMemoryAsync(Request request)
    {
        while (true)
        {
            using var process = Process.Start(BareProgram.Start("wait"))!;
            await process.StandardOutput.ReadLineAsync();
            process.Refresh();
            double megabytes = process.WorkingSet64 / 1e6;
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            yield return megabytes;
        }
    }

    private static async Task<double> RunAsync()
    {
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(BareProgram.Start("length", "a"))!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task IdleAsync(ProcessExecutor pool, int workers)
    {
        while (pool.GetStatistics().IdleWorkers < workers) await Task.Delay(1);
    }
}
