using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Stress.Processes;

/// <summary>An executor some of whose workers turn hostile: honest work elsewhere must not notice, and everything must end.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HostileLoad(ChannelKind channel, int first) : IAsyncDisposable
{
    private const int HonestEach = 6;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>A hostile worker may begin what it is sent and never answer, as an endless loop would: only a timeout ends that.</summary>
    private static readonly TaskOptions s_bounded = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Random _random = new(first);
    private readonly HashSet<int> _hostile = []; // processes in which hostile work has run
    private readonly SortedDictionary<string, int> _ends = new(StringComparer.Ordinal);
    private readonly ProcessExecutor _pool = new(new()
    {
        Workers = 2,
        Output = WorkerOutput.Discard,
        Channel = channel,
        CancellationGrace = TimeSpan.FromMilliseconds(100),
    });

    /// <summary>One hostile task among honest ones. What did not hold is returned.</summary>
    public async Task<List<string>> RoundAsync()
    {
        var honest = new List<(Future<int> Future, int Expected)>();
        for (int i = 0; i < HonestEach; i++) honest.Add(Honest());
        int seed = _random.Next();
        string deed = $"{seed} ({string.Join(", ", HostileWork.DeedsOf(seed))})";
        var hostile = _pool.Submit(Hostile(seed), s_bounded);
        for (int i = 0; i < HonestEach; i++) honest.Add(Honest());

        var problems = new List<string>();
        var (_, pending) = await Futures.WaitAsync([hostile, .. honest.Select(static h => h.Future)], timeout: s_patience).ConfigureAwait(false);
        foreach (var stuck in pending) problems.Add($"deed {deed}: after {s_patience.TotalSeconds} s this has not ended: {stuck}; {_pool.GetStatistics()}");
        if (hostile.Worker is { } worker) _hostile.Add(worker.ProcessId);
        if (pending.Count > 0) return problems;

        string end = hostile.Exception?.GetType().Name ?? $"{hostile.State}";
        _ends[end] = _ends.GetValueOrDefault(end) + 1;
        if (!IsExpected(hostile.Exception)) problems.Add($"deed {deed}: the hostile task ended with {hostile.Exception}");
        foreach (var (future, expected) in honest)
        {
            if (future.State == FutureState.Succeeded && future.Result == expected) continue;
            if (future.Worker is { } ranBy && _hostile.Contains(ranBy.ProcessId) && IsExpected(future.Exception)) continue;
            problems.Add($"deed {deed}: {future} was to give {expected}: {future.Exception?.ToString() ?? $"{future.Result}"}");
        }

        var statistics = _pool.GetStatistics();
        if (statistics.Submitted != statistics.Succeeded + statistics.Failed + statistics.Canceled) problems.Add($"deed {deed}: counts do not add up: {statistics}");
        return problems;
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    public override string ToString() => $"{_hostile.Count} processes turned hostile; their tasks: {string.Join(", ", _ends.Select(static e => $"{e.Value} {e.Key}"))}";

    private static bool IsExpected(Exception? error) =>
        error is null or WorkerCrashedException or TaskTimeoutException or ShippingException or RemoteException or ChannelCorruptedException;

    private static Func<int> Hostile(int seed) => () => HostileWork.AtRandom(seed);

    private (Future<int> Future, int Expected) Honest()
    {
        int number = _random.Next(1000);
        return (_pool.Submit(() => 2 * number, s_bounded), 2 * number);
    }
}
