using System.Diagnostics;
using Samovar.Benchmarks.Sides;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>Measures one row: all its sides run at once, each in a process of its own, and are asked in turn, round after round.</summary>
/// <remarks>Whoever is not asked sleeps. Each round begins with another side, so none has the better place; what the machine does to one round it
/// does to all sides alike. A side that fails is out, and the others go on.</remarks>
internal sealed class RowRun(Row row, RunPlan plan, TimeSpan? time) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> s_asItIs = [];
    private readonly List<Running> _sides = [];
    private readonly List<SideFigures> _out = [];

    private double Scale => row.IsWhole ? 1 : plan.Scale;

    /// <summary>Measures one row after another.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="plan">How much of it.</param>
    /// <param name="measured">Takes each result as its row ends.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>Whether each row has a figure of Samovar's.</returns>
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
            isWhole &= result.Samovar is not null;
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
        await WarmUpAsync(_sides, cancellation);
        // Where none of the near ones is here, the far ones are better than none.
        foreach (Peer peer in row.Peers.Where(peer => plan.IsQuick && !peer.IsQuick && peer.IsRanked))
        {
            if (_sides.Exists(side => IsPeer(side.Process.Peer))) break;
            Start(peer);
            await WarmUpAsync(_sides.Where(side => side.Process.Peer == peer), cancellation);
        }

        for (int round = 0; round < plan.Rounds && HasTime(began, round); round++)
        {
            Running[] order = [.. _sides];
            for (int i = 0; i < order.Length; i++)
            {
                Running side = order[(i + round) % order.Length];
                if (await AskAsync(side, cancellation) is { } figure) side.Values.Add(figure);
            }
        }

        return RowResult.Of(row, Of(row.Samovar)!, [.. row.Peers.Select(Of).OfType<SideFigures>()], row.Limit is null ? null : Of(row.Limit));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Running side in _sides) await side.Process.DisposeAsync();
        _sides.Clear();
    }

    // One round always; another where one as long as those before still fits.
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
            _sides.Add(new(SideProcess.Start(peer, row.Id, Scale, row.IsCold ? s_asItIs : plan.Environment)));
        }
        catch (MissingPeerException missing)
        {
            _out.Add(new(peer, null, missing.Message));
        }
    }

    // The first figures are those of code that is still being compiled, of pages and pools that are not there yet.
    private async Task WarmUpAsync(IEnumerable<Running> sides, CancellationToken cancellation)
    {
        if (plan.IsQuick && row.IsWhole) return;
        foreach (Running side in sides.ToArray())
        {
            long began = Stopwatch.GetTimestamp();
            for (int figures = 0; figures < row.WarmUps || Stopwatch.GetElapsedTime(began) < plan.WarmUp; figures++)
            {
                if (await AskAsync(side, cancellation) is null) break;
            }
        }
    }

    private async Task<double?> AskAsync(Running side, CancellationToken cancellation)
    {
        try
        {
            return (await side.Process.AskAsync(0, plan.Patience, cancellation)).Value;
        }
        catch (Exception error) when (error is SideFailedException or MissingPeerException)
        {
            _sides.Remove(side);
            _out.Add(new(side.Process.Peer, null, error.Message));
            await side.Process.DisposeAsync();
            return null;
        }
    }

    private bool IsPeer(Peer peer) => !ReferenceEquals(peer, row.Samovar) && !ReferenceEquals(peer, row.Limit);

    private SideFigures? Of(Peer peer) =>
        _sides.Find(side => ReferenceEquals(side.Process.Peer, peer)) is { } found ? new(peer, new(found.Values), null)
        : _out.Find(side => ReferenceEquals(side.Peer, peer));

    private sealed record Running(SideProcess Process)
    {
        public List<double> Values { get; } = [];
    }
}
