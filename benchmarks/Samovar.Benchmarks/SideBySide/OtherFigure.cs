namespace Samovar.Benchmarks.SideBySide;

/// <summary>The figure of another side of a row.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Value">Its median.</param>
/// <param name="Spread">How far the middle half of its rounds is apart, as a share of the median.</param>
/// <param name="IsRanked">Whether it does the same work, and can be the best peer.</param>
/// <param name="IsLimit">Whether it is the row's limit, and no peer.</param>
internal sealed record OtherFigure(string Name, double Value, double Spread, bool IsRanked, bool IsLimit);
