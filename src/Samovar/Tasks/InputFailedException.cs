using Samovar.Primitives;

namespace Samovar;

/// <summary>The exception with which a task fails when one of its inputs has failed. The task never started.</summary>
/// <remarks>If inputs depend on one another, each task that could not start fails with an exception that names the first failed task of the chain, and has
/// its error as the inner exception.</remarks>
public sealed class InputFailedException : Exception
{
    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The error of the task that failed; null for none.</param>
    public InputFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public InputFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a default message.</summary>
    public InputFailedException()
        : base("The task did not start, because one of its inputs has failed.")
    {
    }

    /// <summary>Gets the id of the task that failed.</summary>
    public long TaskId { get; init; }

    /// <summary>Gets the name of that task; null if it has none.</summary>
    public string? TaskName { get; init; }

    /// <summary>Gets the name of the executor of that task.</summary>
    public string Executor { get; init; } = "";

    internal static InputFailedException Create(Future task, Future input)
    {
        var error = input.OwnError ?? new InvalidOperationException($"Task {input.Id} has no error.");
        string self = TaskNames.AtStart(task.Id, task.Name);
        if (error is InputFailedException { InnerException: { } root } earlier)
        {
            string first = TaskNames.Of(earlier.TaskId, earlier.TaskName);
            return new InputFailedException($"{self} did not start: {first} of '{earlier.Executor}', on which its input depends, failed: {root.Message}", root)
            {
                TaskId = earlier.TaskId,
                TaskName = earlier.TaskName,
                Executor = earlier.Executor,
            };
        }

        return new InputFailedException($"{self} did not start: its input, {TaskNames.Of(input.Id, input.Name)} of '{input.Core.Name}', failed: {error.Message}", error)
        {
            TaskId = input.Id,
            TaskName = input.Name,
            Executor = input.Core.Name,
        };
    }

    /// <summary>Returns why a task was cancelled that has a cancelled input, as a clause.</summary>
    internal static string WhyCanceled(Future input) => input.Controls?.CancelReason ?? $"its input, {TaskNames.Of(input.Id, input.Name)} of '{input.Core.Name}', was cancelled";
}
