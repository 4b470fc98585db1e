namespace Samovar.Benchmarks.SideBySide;

/// <summary>The result of one contestant: figures, or the reason why it has no figures.</summary>
/// <param name="Peer">The contestant.</param>
/// <param name="Figures">A figure per round; null if the contestant has none.</param>
/// <param name="Why">The reason; null if it has figures.</param>
internal sealed record ContestantFigures(Peer Peer, Figures? Figures, string? Why)
{
    /// <summary>Whether something that it needs is not installed.</summary>
    public bool IsMissing { get; init; }

    /// <summary>The figures of the rounds on a busy machine; null if there were no such rounds.</summary>
    public Figures? BusyFigures { get; init; }
}
