using System.Globalization;
using Samovar.Processes.Platform;

namespace Samovar.Stress.Processes;

/// <summary>An executor at work, whose workers are killed, made to fault, or stopped at random. Each task's outcome is known in
/// advance but for those that a signal may hit.</summary>
internal sealed class KillLoad(int workers, int seed) : IAsyncDisposable
{
    private const int SegmentationFault = 11;
    private static readonly int[] s_signals = [LinuxProcessCalls.SigKill, SegmentationFault, LinuxProcessCalls.SigStop];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(seed);
    private readonly ProcessExecutor _pool = new(new()
    {
        Workers = workers,
        Output = WorkerOutput.Discard,
        CancellationGrace = TimeSpan.FromMilliseconds(100),
    });

    private long _succeeded;
    private long _crashed;
    private long _timedOut;

    /// <summary>Signals that were sent.</summary>
    public int Kills { get; private set; }

    /// <summary>Submits until so many signals were sent, then awaits all. What did not hold is returned.</summary>
    public async Task<List<string>> RoundAsync(int kills)
    {
        var futures = new List<(Future<int> Future, int Expected)>();
        for (int sent = 0; sent < kills;)
        {
            for (int i = 0; i < 20; i++) futures.Add(Submit(_random.Next(1000)));
            sent += await HitAsync(futures).ConfigureAwait(false);
        }

        var problems = new List<string>();
        var (_, pending) = await Futures.WaitAsync(futures.Select(static f => f.Future), timeout: s_patience).ConfigureAwait(false);
        foreach (var stuck in pending) problems.Add($"after {s_patience.TotalMinutes} min this has not ended: {stuck}");
        foreach (var (future, expected) in futures)
        {
            if (!future.IsCompleted) continue;
            if (Count(future, expected) is { } problem) problems.Add(problem);
        }

        var statistics = _pool.GetStatistics();
        if (pending.Count == 0 && statistics.Submitted != statistics.Succeeded + statistics.Failed + statistics.Canceled)
            problems.Add($"counts do not add up: {statistics}");
        return problems;
    }

    /// <summary>Lets workers that were hit last be replaced.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 200; i++) await _pool.Submit(static () => 0);
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    public override string ToString() => $"{_succeeded:N0} succeeded, {_crashed:N0} lost their worker, {_timedOut:N0} timed out";

    private (Future<int> Future, int Expected) Submit(int number) => number % 10 == 0
        ? (_pool.Submit(Slow(number), new() { Timeout = TimeSpan.FromSeconds(5) }), number)
        : (_pool.Submit(Doubled(number), new() { Timeout = TimeSpan.FromSeconds(5) }), 2 * number);

    private static Func<int> Doubled(int number) => () => 2 * number;

    private static Func<int> Slow(int number) => () =>
    {
        Thread.SpinWait(number * 1000);
        return number;
    };

    /// <summary>Sends a signal to a worker that is there and has worked: starts that fail one after the other are to break an executor.</summary>
    private async Task<int> HitAsync(List<(Future<int> Future, int Expected)> futures)
    {
        int[] ids = [.. ProcessIds().Intersect(futures.Select(static f => f.Future.Worker?.ProcessId ?? 0))];
        if (ids.Length == 0)
        {
            await Task.Yield();
            return 0;
        }

        int signal = s_signals[_random.Next(s_signals.Length)];
        if (LinuxProcessCalls.kill(ids[_random.Next(ids.Length)], signal) != 0) return 0;
        Kills++;
        return 1;
    }

    /// <summary>The workers: what this process has started.</summary>
    private static int[] ProcessIds() =>
        [
            .. Directory.GetDirectories("/proc/self/task").SelectMany(static task =>
            {
                try
                {
                    return File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
                }
                catch (IOException)
                {
                    return []; // the thread has exited
                }
            }).Select(static id => int.Parse(id, CultureInfo.InvariantCulture)),
        ];

    private string? Count(Future<int> future, int expected)
    {
        switch (future.Exception)
        {
            case null when future.State == FutureState.Succeeded:
                _succeeded++;
                return future.Result == expected ? null : $"{future} gave {future.Result} in the place of {expected}";
            case WorkerCrashedException:
                _crashed++;
                return null;
            case TaskTimeoutException:
                _timedOut++;
                return null;
            default:
                return $"{future} ended with {future.Exception}";
        }
    }
}
