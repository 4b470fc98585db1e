namespace Samovar.Cli.Bench;

/// <summary>What a row came to, as the runner in benchmarks/Samovar.Benchmarks writes it: its RowResult.</summary>
internal sealed record BenchRow
{
    public required string Id { get; init; }

    public required string Work { get; init; }

    /// <summary>Samovar's median; null when its side failed.</summary>
    public double? Samovar { get; init; }

    public required string Unit { get; init; }

    public required bool HigherIsBetter { get; init; }

    public double? BestPeer { get; init; }

    public string? BestPeerName { get; init; }

    public double? Limit { get; init; }

    /// <summary>How many times as good as the best peer, whichever way the figures count.</summary>
    public double? Ratio { get; init; }

    /// <summary>How much of what the limit allows is reached.</summary>
    public double? ShareOfLimit { get; init; }

    public required int Rounds { get; init; }

    public double Goal { get; init; }

    public bool Met { get; init; }

    /// <summary>How far the middle half of the rounds is apart, as a share of the median.</summary>
    public double? Spread { get; init; }

    public int Outliers { get; init; }

    public string Verdict { get; init; } = "";

    public string? Reason { get; init; }

    public IReadOnlyList<BenchFigure> Peers { get; init; } = [];

    public IReadOnlyList<BenchSkip> Skipped { get; init; } = [];
}
