namespace Samovar.Cli.Bench;

/// <summary>A figure on a curve, as the runner writes it.</summary>
/// <param name="Curve">The curve's id.</param>
/// <param name="Work">What is done.</param>
/// <param name="Across">What grows, with its unit.</param>
/// <param name="Unit">Of <paramref name="Y"/>.</param>
/// <param name="Series">Whose it is.</param>
/// <param name="X">Where.</param>
/// <param name="Y">The median.</param>
/// <param name="Bytes">The memory that the work took, where it was looked at.</param>
/// <param name="Rounds">How many figures it is the median of.</param>
internal sealed record CurvePoint(string Curve, string Work, string Across, string Unit, string Series, double X, double Y, double? Bytes, int Rounds);
