namespace Samovar.Tests.Processes;

/// <summary>Executors on worker processes as tests want them.</summary>
internal static class PoolUnderTest
{
    public static ProcessExecutor Build(int workers = 2) => new(Options(workers));

    public static ProcessExecutorOptions Options(int workers = 2) => new()
    {
        Workers = workers,
        Output = WorkerOutput.Discard,
        CancellationGrace = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>Waits until a task runs, and its timeout with it; the test's own timeout bounds it.</summary>
    public static async Task UntilRunningAsync(this Future future)
    {
        await TestTimeout.UntilAsync(() => future.StartedAt is not null);
    }

    /// <summary>Waits for the end, in whatever way.</summary>
    public static async Task EndedAsync(this Future future) =>
        await future.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
