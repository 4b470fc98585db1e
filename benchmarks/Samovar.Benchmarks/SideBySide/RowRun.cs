using System.Diagnostics;
using Samovar.Benchmarks.Contestants;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>Measures a row. All contestants are running, each in a process of its own, and are measured in turn, round after round.</summary>
/// <remarks>A contestant sleeps until its turn. Each round starts with a different contestant, so none has an advantage by its position, and
/// disturbances of a round affect all contestants alike. A contestant that fails is removed, and the others continue.</remarks>
internal sealed class RowRun(Row row, RunPlan plan, TimeSpan? time) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> s_asItIs = [];
    private readonly List<Running> _contestants = [];
    private readonly List<ContestantFigures> _out = [];

    private double Scale => row.IsWhole ? 1 : plan.Scale;

    /// <summary>Measures one row after another.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="plan">The extent of the run.</param>
    /// <param name="measured">Called with each result when its row is finished.</param>
    /// <param name="cancellation">Cancels the run.</param>
    /// <returns>True if each row has a figure of Samovar, or needs something that is not installed.</returns>
    public static async Task<bool> MeasureAllAsync(IReadOnlyList<Row> rows, RunPlan plan, Action<RowResult> measured, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        bool isWhole = true;
        foreach (var (done, row) in rows.Index())
        {
            if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync($"{row.Id}: {row.Work}");
            TimeSpan? time = plan.Total is { } total ? (total - Stopwatch.GetElapsedTime(began)) / (rows.Count - done) : null;
            await using var run = new RowRun(row, plan, time);
            RowResult result = await run.MeasureAsync(cancellation);
            isWhole &= result.Samovar is not null || result.IsSkipped;
            measured(result);
        }

        return isWhole;
    }

    public async Task<RowResult> MeasureAsync(CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        Start(row.Samovar);
        if (row.Limit is not null) Start(row.Limit);
        foreach (Peer peer in row.Peers.Where(peer => !plan.IsQuick || peer.IsQuick)) Start(peer);
        await WarmUpAsync(_contestants, cancellation);
        // If no close peer is installed, measures a distant one.
        foreach (Peer peer in row.Peers.Where(peer => plan.IsQuick && !peer.IsQuick && peer.IsRanked))
        {
            if (_contestants.Exists(contestant => IsPeer(contestant.Process.Peer))) break;
            Start(peer);
            await WarmUpAsync(_contestants.Where(contestant => contestant.Process.Peer == peer), cancellation);
        }

        for (int round = 0; round < plan.Rounds && HasTime(began, round); round++)
            await MeasureRoundAsync(round, static contestant => contestant.Values, cancellation);
        if (plan.IsBusyToo)
        {
            using var busy = BusyMachine.Start();
            for (int round = 0; round < plan.Rounds; round++) await MeasureRoundAsync(round, static contestant => contestant.BusyValues, cancellation);
        }

        return RowResult.Of(row, Of(row.Samovar)!, [.. row.Peers.Select(Of).OfType<ContestantFigures>()], row.Limit is null ? null : Of(row.Limit));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Running contestant in _contestants) await contestant.Process.DisposeAsync();
        _contestants.Clear();
    }

    private async Task MeasureRoundAsync(int round, Func<Running, List<double>> valuesOf, CancellationToken cancellation)
    {
        Running[] order = [.. _contestants];
        for (int i = 0; i < order.Length; i++)
        {
            Running contestant = order[(i + round) % order.Length];
            if (await RequestAsync(contestant, cancellation) is { } figure) valuesOf(contestant).Add(figure);
        }
    }

    // There is always one round; another if one of average length still fits.
    private bool HasTime(long began, int rounds)
    {
        if (rounds == 0 || time is not { } most) return true;
        TimeSpan gone = Stopwatch.GetElapsedTime(began);
        return gone + gone / (rounds + 1) <= most;
    }

    private void Start(Peer peer)
    {
        try
        {
            _contestants.Add(new(ContestantProcess.Start(peer, row.Id, Scale, row.IsCold ? s_asItIs : plan.Environment)));
        }
        catch (MissingPeerException missing)
        {
            _out.Add(new(peer, null, missing.Message) { IsMissing = true });
        }
    }

    // The first figures include compilation, page faults and the growth of pools.
    private async Task WarmUpAsync(IEnumerable<Running> contestants, CancellationToken cancellation)
    {
        if (plan.IsQuick && row.IsWhole) return;
        foreach (Running contestant in contestants.ToArray())
        {
            long began = Stopwatch.GetTimestamp();
            for (int figures = 0; figures < row.WarmUps || Stopwatch.GetElapsedTime(began) < plan.WarmUp; figures++)
            {
                if (await RequestAsync(contestant, cancellation) is null) break;
            }
        }
    }

    private async Task<double?> RequestAsync(Running contestant, CancellationToken cancellation)
    {
        try
        {
            return (await contestant.Process.RequestAsync(0, plan.Patience, cancellation)).Value;
        }
        catch (Exception error) when (error is ContestantFailedException or MissingPeerException)
        {
            _contestants.Remove(contestant);
            _out.Add(new(contestant.Process.Peer, null, error.Message) { IsMissing = error is MissingPeerException });
            await contestant.Process.DisposeAsync();
            return null;
        }
    }

    private bool IsPeer(Peer peer) => !ReferenceEquals(peer, row.Samovar) && !ReferenceEquals(peer, row.Limit);

    private ContestantFigures? Of(Peer peer) =>
        _contestants.Find(contestant => ReferenceEquals(contestant.Process.Peer, peer)) is { } found
            ? new(peer, new(found.Values), null) { BusyFigures = found.BusyValues.Count == 0 ? null : new(found.BusyValues) }
        : _out.Find(contestant => ReferenceEquals(contestant.Peer, peer));

    private sealed record Running(ContestantProcess Process)
    {
        public List<double> Values { get; } = [];

        public List<double> BusyValues { get; } = [];
    }
}
