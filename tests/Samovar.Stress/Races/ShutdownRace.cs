namespace Samovar.Stress.Races;

/// <summary>A task is submitted, cancelled, and its executor shut down, all in one breath: both end, whichever comes first.</summary>
internal static class ShutdownRace
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30); // a guard against hanging, not a measure of speed

    public static IReadOnlyDictionary<string, Func<Executor>> Executors { get; } = new Dictionary<string, Func<Executor>>(StringComparer.Ordinal)
    {
        ["threads"] = static () => new ThreadExecutor(new() { Workers = 2 }),
        ["an event loop"] = static () => new EventLoop(),
        ["workers in this process"] = static () => new ProcessExecutor(new() { Workers = 2, InProcess = true }),
        ["worker processes"] = static () => new ProcessExecutor(new() { Workers = 2 }),
    };

    /// <summary>Does it so often, with a new executor each time.</summary>
    /// <returns>What did not hold.</returns>
    public static async Task<List<string>> RunAsync(Func<Executor> build, int rounds)
    {
        List<string> problems = [];
        for (int round = 0; round < rounds; round++)
        {
            var executor = build();
            var future = executor.Submit(static () => 1);
            future.Cancel();
            var mode = round % 2 == 0 ? ShutdownMode.Drain : ShutdownMode.CancelQueued;
            try
            {
                await executor.ShutdownAsync(mode).WaitAsync(s_limit).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                problems.Add($"round {round}: a shutdown in mode {mode} has not ended after {s_limit.TotalSeconds} s: {executor.GetStatistics()}");
                return problems;
            }

            if (!future.IsCompleted) problems.Add($"round {round}: {executor} was shut down in mode {mode}, and this has not ended: {future}");
        }

        return problems;
    }
}
