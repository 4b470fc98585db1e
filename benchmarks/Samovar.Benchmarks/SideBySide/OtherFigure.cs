namespace Samovar.Benchmarks.SideBySide;

/// <summary>The figure of a peer or the limit of a row.</summary>
/// <param name="Name">The contestant's name.</param>
/// <param name="Value">The median.</param>
/// <param name="Spread">The interquartile range of its rounds, as a fraction of the median.</param>
/// <param name="IsRanked">Whether it does the same work, so that it can be the best peer.</param>
/// <param name="IsLimit">Whether it is the row's limit instead of a peer.</param>
internal sealed record OtherFigure(string Name, double Value, double Spread, bool IsRanked, bool IsLimit);
