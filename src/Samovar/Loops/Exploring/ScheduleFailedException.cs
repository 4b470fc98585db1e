namespace Samovar;

/// <summary>An order of callbacks breaks a test: see <see cref="EventLoop.Explore"/>. The inner exception is the test's own error in that order.</summary>
public sealed class ScheduleFailedException : Exception
{
    /// <summary>Makes an error without an order.</summary>
    public ScheduleFailedException()
        : this("An order of callbacks breaks the test.")
    {
    }

    /// <summary>Makes an error without an order.</summary>
    public ScheduleFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error without an order, with a cause.</summary>
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

    /// <summary>The order that was found to break the test: a seed, or the usual order.</summary>
    public LoopSchedule? Found { get; }

    /// <summary>The same, shrunk to the switches that matter. Give it to <see cref="EventLoop.Replay"/>.</summary>
    public LoopSchedule? Schedule { get; }
}
