namespace Samovar.Cli.Bench;

/// <summary>The median of another side of a row: a peer's, or the limit's.</summary>
internal sealed record BenchFigure(string Name, double Value, double Spread, bool IsRanked, bool IsLimit);
