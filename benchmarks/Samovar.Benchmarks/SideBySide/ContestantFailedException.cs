namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant returned no figure: it failed, exited or timed out.</summary>
internal sealed class ContestantFailedException(string message) : Exception(message);
