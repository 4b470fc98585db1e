using Samovar.Primitives;

namespace Samovar;

/// <summary>Options of an <see cref="EventLoop"/>. Immutable.</summary>
public sealed record EventLoopOptions : ExecutorOptions
{
    /// <summary>Gets whether the loop's clock, <see cref="EventLoop.Time"/>, is virtual. A virtual clock starts at midnight of 2000-01-01 UTC and
    /// jumps to the next timer whenever no callback is ready and no code of the loop runs elsewhere: on an executor, on the thread pool, or on
    /// another thread. Use <see cref="EventLoop.HoldTime"/> for pending work that the loop cannot see, such as socket I/O. The default is false: the
    /// clock is <see cref="ExecutorOptions.TimeProvider"/>.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>Gets the order in which ready callbacks run. The default is null: the callback that has been ready the longest runs next.</summary>
    public LoopSchedule? Schedule { get; init; }

    /// <summary>Gets the limit above which a running callback, or a wait that blocks the loop, is reported to <see cref="EventLoop.SlowCallback"/>.
    /// Greater than zero, or <see cref="Timeout.InfiniteTimeSpan"/> to report none. The default is 100 ms.
    /// Durations are exact below 100 ms; from there on they may be too long by a tick of the system's coarse clock (4 ms on most Linux systems, 16 ms on
    /// Windows), because reading the exact clock after each callback would halve the speed of a loop.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or longer than a timer supports (about 49 days).</exception>
    public TimeSpan SlowCallbackThreshold
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(SlowCallbackThreshold));
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets how long code may block the loop before the wait is reported or fails; null for <see cref="SlowCallbackThreshold"/>.</summary>
    internal TimeSpan? BlockLimit { get; init; }

    /// <summary>Gets whether the first Ctrl-C cancels the main work of <see cref="EventLoop.Run(Func{Task}, EventLoopOptions?)"/>. The second one
    /// terminates the process as usual. The default is true.</summary>
    public bool HandlesInterrupt { get; init; } = true;
}
