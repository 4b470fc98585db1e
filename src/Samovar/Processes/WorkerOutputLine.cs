namespace Samovar;

/// <summary>A line that a worker wrote.</summary>
/// <param name="WorkerId">The worker's number within its executor.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="IsError">Whether it went to stderr.</param>
/// <param name="Text">The line, without its line break.</param>
public readonly record struct WorkerOutputLine(int WorkerId, int ProcessId, bool IsError, string Text);
