using System.Text.Json.Serialization;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>The result of a row, as it is written: one JSON object per line.</summary>
internal sealed record RowResult
{
    public required string Id { get; init; }

    public required string Work { get; init; }

    /// <summary>Samovar's median; null if its contestant failed.</summary>
    public double? Samovar { get; init; }

    public required string Unit { get; init; }

    public required bool HigherIsBetter { get; init; }

    public double? BestPeer { get; init; }

    public string? BestPeerName { get; init; }

    public double? Limit { get; init; }

    /// <summary>The ratio to the best peer: above 1 Samovar is ahead, both for rates and for times.</summary>
    public double? Ratio { get; init; }

    /// <summary>Samovar's median while other threads kept all processors busy; null if that was not measured.</summary>
    public double? BusySamovar { get; init; }

    /// <summary>Like <see cref="Ratio"/>, of the rounds on the busy machine, to the peer that was best there.</summary>
    public double? BusyRatio { get; init; }

    /// <summary>The ratio to the limit: at 1 the limit is reached.</summary>
    public double? ShareOfLimit { get; init; }

    public required int Rounds { get; init; }

    public required double Goal { get; init; }

    public required bool Met { get; init; }

    /// <summary>The interquartile range of Samovar's rounds, as a fraction of the median.</summary>
    public double? Spread { get; init; }

    public int Outliers { get; init; }

    public required string Verdict { get; init; }

    /// <summary>Whether the row was not measured because something that it needs is not installed.</summary>
    [JsonIgnore]
    public bool IsSkipped { get; init; }

    /// <summary>Why the goal is missed or a peer is ahead.</summary>
    public string? Reason { get; init; }

    /// <summary>The peers that have a figure, and the limit.</summary>
    public required IReadOnlyList<OtherFigure> Peers { get; init; }

    /// <summary>The contestants without a figure.</summary>
    public required IReadOnlyList<SkippedPeer> Skipped { get; init; }

    public static RowResult Of(Row row, ContestantFigures samovar, IReadOnlyList<ContestantFigures> peers, ContestantFigures? limit)
    {
        Figures? ours = samovar.Figures;
        ContestantFigures? best = peers.Where(static peer => peer.Figures is not null && peer.Peer.IsRanked)
            .OrderBy(peer => row.HigherIsBetter ? -peer.Figures!.Median : peer.Figures!.Median).FirstOrDefault();
        double? ratio = Times(row, ours, best?.Figures);
        Figures? bestBusy = peers.Where(static peer => peer.Peer.IsRanked).Select(static peer => peer.BusyFigures).OfType<Figures>()
            .OrderBy(figures => row.HigherIsBetter ? -figures.Median : figures.Median).FirstOrDefault();
        bool isMet = ours is not null && IsAsGood(row, ours.Median);
        IEnumerable<ContestantFigures> others = limit is null ? peers : [.. peers, limit];
        return new()
        {
            Id = row.Id,
            Work = row.Work,
            Samovar = ours?.Median,
            Unit = row.Unit,
            HigherIsBetter = row.HigherIsBetter,
            BestPeer = best?.Figures!.Median,
            BestPeerName = best?.Peer.Name,
            Limit = limit?.Figures?.Median,
            Ratio = ratio,
            BusySamovar = samovar.BusyFigures?.Median,
            BusyRatio = Times(row, samovar.BusyFigures, bestBusy),
            ShareOfLimit = Times(row, ours, limit?.Figures),
            Rounds = ours?.Count ?? 0,
            Goal = row.Goal,
            Met = isMet,
            Spread = ours?.Spread,
            Outliers = ours?.Outliers ?? 0,
            IsSkipped = samovar.IsMissing,
            Verdict = Judge(row, samovar, best, ratio),
            Reason = isMet && !(ratio < 1) ? null : row.Reason,
            Peers = [.. others.Where(static contestant => contestant.Figures is not null).Select(contestant => new OtherFigure(contestant.Peer.Name, contestant.Figures!.Median, contestant.Figures.Spread, contestant.Peer.IsRanked && !ReferenceEquals(contestant, limit), ReferenceEquals(contestant, limit)))],
            Skipped = [.. others.Where(static contestant => contestant.Figures is null).Select(static contestant => new SkippedPeer(contestant.Peer.Name, contestant.Why!))],
        };
    }

    private static string Judge(Row row, ContestantFigures samovar, ContestantFigures? best, double? ratio)
    {
        if (samovar.Figures is not { } ours) return $"{(samovar.IsMissing ? "not measured" : "failed")}: {samovar.Why}";
        bool isMet = IsAsGood(row, ours.Median);
        // If the goal is between the quartiles, another run may give the opposite verdict.
        bool isClose = ours.Count > 1 && IsAsGood(row, ours.LowerQuartile) != IsAsGood(row, ours.UpperQuartile);
        string goal = (isMet, isClose) switch
        {
            (true, false) => "goal reached",
            (true, true) => "goal just reached",
            (false, true) => "goal just missed",
            (false, false) => "goal missed",
        };
        return best is null ? $"{goal}, no peer to compare with" : ratio < 1 ? $"{goal}, behind {best.Peer.Name}" : goal;
    }

    private static bool IsAsGood(Row row, double figure) => row.HigherIsBetter ? figure >= row.Goal : figure <= row.Goal;

    private static double? Times(Row row, Figures? ours, Figures? other) =>
        ours is null || other is null ? null : row.HigherIsBetter ? ours.Median / other.Median : other.Median / ours.Median;
}
