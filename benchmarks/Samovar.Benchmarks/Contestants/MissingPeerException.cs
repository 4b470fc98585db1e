namespace Samovar.Benchmarks.Contestants;

/// <summary>A program that a contestant needs is not on this machine.</summary>
internal sealed class MissingPeerException(string message) : Exception(message);
