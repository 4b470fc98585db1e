namespace Samovar.Benchmarks.Contestants;

/// <summary>A program that a contestant needs is not installed.</summary>
internal sealed class MissingPeerException(string message) : Exception(message);
