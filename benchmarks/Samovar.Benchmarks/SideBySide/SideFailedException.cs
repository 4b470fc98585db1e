namespace Samovar.Benchmarks.SideBySide;

/// <summary>A side gave no figure: it failed, ended or took too long.</summary>
internal sealed class SideFailedException(string message) : Exception(message);
