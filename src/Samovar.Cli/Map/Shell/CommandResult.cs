namespace Samovar.Cli.Map.Shell;

/// <summary>How the command of an item exited, and what it wrote.</summary>
/// <param name="Tag">The text by which --tag names the item.</param>
/// <param name="Output">What it wrote to stdout.</param>
/// <param name="Errors">What it wrote to stderr.</param>
/// <param name="ExitCode">Its exit code; null if it was killed or could not be started.</param>
/// <param name="Signal">The signal that killed it; null for none.</param>
/// <param name="CannotRun">Whether a program of the command does not exist or cannot be executed, so that it would fail for every item.</param>
internal sealed record CommandResult(string Tag, CapturedOutput Output, CapturedOutput Errors, int? ExitCode, int? Signal, bool CannotRun);
