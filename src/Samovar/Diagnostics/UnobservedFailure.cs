namespace Samovar;

/// <summary>An error that could not be delivered to any caller, as <see cref="Executor.UnobservedFailure"/> reports it.</summary>
/// <param name="Executor">The executor's name.</param>
/// <param name="Source">The origin of the error.</param>
/// <param name="TaskId">The task's number within its executor; 0 if the error does not belong to a single task.</param>
/// <param name="TaskName">The task's name; null if it has none.</param>
/// <param name="Exception">The error.</param>
public sealed record UnobservedFailure(
    string Executor, FailureSource Source, long TaskId, string? TaskName, Exception Exception);
