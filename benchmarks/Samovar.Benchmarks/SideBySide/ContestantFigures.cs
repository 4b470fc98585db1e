namespace Samovar.Benchmarks.SideBySide;

/// <summary>What one contestant came to: figures, or why there are none.</summary>
/// <param name="Peer">Whose.</param>
/// <param name="Figures">One a round; null where there are none.</param>
/// <param name="Why">Why there are none.</param>
internal sealed record ContestantFigures(Peer Peer, Figures? Figures, string? Why);
