namespace Samovar;

/// <summary>The exception that is thrown when an order of callbacks fails a test: see <see cref="EventLoop.Explore"/>. The inner exception is the
/// test's error in that order.</summary>
public sealed class ScheduleFailedException : Exception
{
    /// <summary>Initializes the exception with a default message and without an order.</summary>
    public ScheduleFailedException()
        : this("An order of callbacks fails the test.")
    {
    }

    /// <summary>Initializes the exception with a message and without an order.</summary>
    /// <param name="message">The message.</param>
    public ScheduleFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and a cause, and without an order.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public ScheduleFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal ScheduleFailedException(string message, Exception error, LoopSchedule found, LoopSchedule schedule)
        : base(message, error)
    {
        Found = found;
        Schedule = schedule;
    }

    /// <summary>Gets the order in which the test was first found to fail: a seed, or <see cref="LoopSchedule.InOrder"/>.</summary>
    public LoopSchedule? Found { get; }

    /// <summary>Gets the same order, shrunk to the reorderings that matter. Pass it to <see cref="EventLoop.Replay"/>.</summary>
    public LoopSchedule? Schedule { get; }
}
