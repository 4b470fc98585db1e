namespace Samovar;

/// <summary>Represents a line that a worker wrote.</summary>
/// <param name="WorkerId">The number of the worker within its executor.</param>
/// <param name="ProcessId">The id of the worker's process.</param>
/// <param name="IsError">Whether the line was written to stderr.</param>
/// <param name="Text">The line, without its line break.</param>
public readonly record struct WorkerOutputLine(int WorkerId, int ProcessId, bool IsError, string Text);
