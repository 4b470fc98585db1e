namespace Samovar;

/// <summary>Nothing of a loop can go on: nothing is ready, no timer is armed, no work announced is under way elsewhere, and its main work has
/// not ended. The message lists who waits for what.</summary>
public sealed class LoopDeadlockException : InvalidOperationException
{
    /// <summary>Makes an error without a report.</summary>
    public LoopDeadlockException()
        : this("Nothing of the event loop can go on.")
    {
    }

    /// <summary>Makes an error with a report.</summary>
    public LoopDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with a report and a cause.</summary>
    public LoopDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
