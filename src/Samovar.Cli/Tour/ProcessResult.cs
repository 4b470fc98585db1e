namespace Samovar.Cli.Tour;

/// <summary>How a program of the chapter ran.</summary>
/// <param name="Seconds">From its start to its exit, or to the end of its time limit.</param>
/// <param name="ExitCode">Its exit code; null when it was killed because its time was up.</param>
/// <param name="Output">The lines that it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error, if that was captured; empty when it was killed.</param>
internal sealed record ProcessResult(double Seconds, int? ExitCode, IReadOnlyList<string> Output, string Errors);
