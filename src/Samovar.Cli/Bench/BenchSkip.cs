namespace Samovar.Cli.Bench;

/// <summary>A peer without a figure, and why.</summary>
internal sealed record BenchSkip(string Name, string Why);
