namespace Samovar.Benchmarks.SideBySide;

/// <summary>One contestant of a curve, and how far it goes along.</summary>
/// <param name="Peer">Whose.</param>
/// <param name="Last">The last place that it is asked at: further on it would take minutes.</param>
internal sealed record CurveContestant(Peer Peer, double Last = double.PositiveInfinity);
