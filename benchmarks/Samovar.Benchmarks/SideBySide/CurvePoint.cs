namespace Samovar.Benchmarks.SideBySide;

/// <summary>A point of a curve, as it is written to the results.</summary>
/// <param name="Curve">The curve's id.</param>
/// <param name="Work">The work.</param>
/// <param name="Across">The quantity that grows, with its unit.</param>
/// <param name="Unit">The unit of <paramref name="Y"/>.</param>
/// <param name="Series">The contestant's name.</param>
/// <param name="X">The place along the curve.</param>
/// <param name="Y">The median of the figures.</param>
/// <param name="Bytes">The memory that the work took, in bytes; null if it was not measured.</param>
/// <param name="Rounds">The number of figures.</param>
internal sealed record CurvePoint(string Curve, string Work, string Across, string Unit, string Series, double X, double Y, double? Bytes, int Rounds);
