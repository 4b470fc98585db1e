namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant of a curve, and how far along the curve it is measured.</summary>
/// <param name="Peer">The contestant.</param>
/// <param name="Last">The last place at which it is measured, because it would take minutes beyond it.</param>
internal sealed record CurveContestant(Peer Peer, double Last = double.PositiveInfinity);
