namespace Samovar;

/// <summary>
/// A worker process could not be started. The text says at which step, what is known of the process, and what to do.
/// </summary>
public sealed class WorkerStartException : Exception
{
    /// <summary>Creates the error.</summary>
    public WorkerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error.</summary>
    public WorkerStartException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    public WorkerStartException()
        : base("A worker process could not be started.")
    {
    }

    /// <summary>The process, if there was one.</summary>
    public int? ProcessId { get; init; }

    /// <summary>What it wrote to stderr last; empty where it wrote nothing.</summary>
    public string ErrorOutput { get; init; } = "";

    /// <summary>The first line that a process which did not come up wrote to stderr, as the end of a sentence: most often the
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
