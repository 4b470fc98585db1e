namespace Samovar.Benchmarks.SideBySide;

/// <summary>One contestant of a curve, and how far along the curve it is measured.</summary>
/// <param name="Peer">The contestant.</param>
/// <param name="Last">The last place at which it is measured: further on it would take minutes.</param>
internal sealed record CurveContestant(Peer Peer, double Last = double.PositiveInfinity);
