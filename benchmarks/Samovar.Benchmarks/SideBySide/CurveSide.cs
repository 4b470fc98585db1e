namespace Samovar.Benchmarks.SideBySide;

/// <summary>One side of a curve, and how far it goes along.</summary>
/// <param name="Peer">Whose.</param>
/// <param name="Last">The last place that it is asked at: further on it would take minutes.</param>
internal sealed record CurveSide(Peer Peer, double Last = double.PositiveInfinity);
