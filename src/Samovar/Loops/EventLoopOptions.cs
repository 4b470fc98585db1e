using Samovar.Primitives;

namespace Samovar;

/// <summary>How an <see cref="EventLoop"/> is built. Immutable.</summary>
public sealed record EventLoopOptions : ExecutorOptions
{
    /// <summary>Whether the loop's clock, <see cref="EventLoop.Time"/>, is virtual: it starts at midnight of 2000-01-01 UTC and jumps to the
    /// next timer whenever nothing is ready and nothing of the loop's code is under way elsewhere: on an executor, on the thread pool, on a
    /// thread. For what it cannot see, such as a socket, there is <see cref="EventLoop.HoldTime"/>. Default: false, the clock is
    /// <see cref="ExecutorOptions.TimeProvider"/>.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>Which ready callback is the next. Default: null, the one that has been ready for the longest.</summary>
    public LoopSchedule? Schedule { get; init; }

    /// <summary>A callback that takes longer, or a wait that blocks the loop for longer, is reported to <see cref="EventLoop.SlowCallback"/>.
    /// More than zero, or <see cref="Timeout.InfiniteTimeSpan"/> for never; default 100 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan SlowCallbackThreshold
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(SlowCallbackThreshold));
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long code may block the loop before it is told of, or fails; null for <see cref="SlowCallbackThreshold"/>.</summary>
    internal TimeSpan? BlockLimit { get; init; }

    /// <summary>Whether Ctrl-C cancels the main work of <see cref="EventLoop.Run(Func{Task}, EventLoopOptions?)"/> the first time; a second one
    /// ends the program as ever. Default: true.</summary>
    public bool HandlesInterrupt { get; init; } = true;
}
