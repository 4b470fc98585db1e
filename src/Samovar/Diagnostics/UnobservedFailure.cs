namespace Samovar;

/// <summary>An error that no caller could be handed, as <see cref="Executor.UnobservedFailure"/> reports it.</summary>
/// <param name="Executor">The executor's name.</param>
/// <param name="Source">Where the error came from.</param>
/// <param name="TaskId">The task's number within its executor; 0 when the error belongs to no single task.</param>
/// <param name="TaskName">The task's name, when it was given one.</param>
/// <param name="Exception">The error.</param>
public sealed record UnobservedFailure(
    string Executor, FailureSource Source, long TaskId, string? TaskName, Exception Exception);
