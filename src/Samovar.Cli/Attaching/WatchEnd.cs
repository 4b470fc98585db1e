namespace Samovar.Cli.Attaching;

/// <summary>What a watched process says when it exits by itself. One that is killed or crashes says nothing.</summary>
/// <param name="ExitCode">Its exit code.</param>
internal sealed record WatchEnd(int ExitCode);
