namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant without a figure.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Why">It is not installed, or it failed.</param>
internal sealed record SkippedPeer(string Name, string Why);
