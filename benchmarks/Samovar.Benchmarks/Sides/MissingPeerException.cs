namespace Samovar.Benchmarks.Sides;

/// <summary>A program that a side needs is not on this machine.</summary>
internal sealed class MissingPeerException(string message) : Exception(message);
