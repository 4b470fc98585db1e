namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant without a figure.</summary>
/// <param name="Name">The contestant's name.</param>
/// <param name="Why">The reason: it is not installed, or it failed.</param>
internal sealed record SkippedPeer(string Name, string Why);
