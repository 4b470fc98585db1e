namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant gave no figure: it failed, ended or took too long.</summary>
internal sealed class ContestantFailedException(string message) : Exception(message);
