namespace Samovar.Benchmarks.SideBySide;

/// <summary>The result of one contestant: figures, or the reason why it has no figures.</summary>
/// <param name="Peer">Whose.</param>
/// <param name="Figures">One a round; null if it has none.</param>
/// <param name="Why">The reason why it has no figures.</param>
internal sealed record ContestantFigures(Peer Peer, Figures? Figures, string? Why);
