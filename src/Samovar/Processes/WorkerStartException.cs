using Samovar.Primitives;

namespace Samovar;

/// <summary>
/// The exception that is thrown when a worker process cannot be started. The message contains the step that failed, what is known about the
/// process, and what to do.
/// </summary>
public sealed class WorkerStartException : Exception, IStartFailure
{
    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public WorkerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public WorkerStartException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a default message.</summary>
    public WorkerStartException()
        : base("A worker process could not be started.")
    {
    }

    /// <summary>Gets the id of the process; null if no process was started.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Gets the last lines that the process wrote to stderr; empty if it wrote nothing.</summary>
    public string ErrorOutput { get; init; } = "";

    /// <summary>Returns the first line that a process which failed to start wrote to stderr, as the end of a sentence. That line usually names the
    /// cause.</summary>
    internal static string CauseIn(string errorOutput)
    {
        foreach (var line in errorOutput.AsSpan().EnumerateLines())
        {
            if (line.Trim().TrimEnd('.') is { IsEmpty: false } cause) return $": {cause}";
        }

        return "";
    }
}
