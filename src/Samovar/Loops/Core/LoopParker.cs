using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Loops.Core;

/// <summary>Blocks the loop's thread while it has nothing to do, and wakes it when work comes in or a timer is due.</summary>
/// <remarks>A loop that does not sleep is not woken: the loop says that it sleeps and looks once more for entries; a thread that comes in puts its entry down and then looks
/// whether the loop sleeps. Both are full fences, so that at least one sees the other. One of many that come in at once wakes it.</remarks>
internal sealed class LoopParker(LoopCore loop) : IDisposable
{
    private readonly object _signal = new(); // Monitor.Wait and Pulse
    private ITimer? _timer; // on the loop's thread
    private int _isParked;

    /// <summary>Whether the loop's thread sleeps, and must be woken. From any thread, after a full fence.</summary>
    public bool IsParked => Volatile.Read(ref _isParked) != 0;

    public void Wake()
    {
        if (Interlocked.Exchange(ref _isParked, 0) == 0) return;
        lock (_signal) Monitor.Pulse(_signal);
    }

    /// <summary>Blocks until an entry comes in or <paramref name="due"/> has come; <see cref="TimerQueue.Never"/> for no such moment.</summary>
    public void ParkUntil(long due)
    {
        int pauses = 0;
        while (SpinPolicy.TrySpinBeforeBlocking(ref pauses))
        {
            if (loop.HasEntries) return;
        }

        Park(due == TimerQueue.Never ? Timeout.Infinite : ArmTimer(due));
    }

    /// <summary>Blocks until an entry comes in, for so long at most.</summary>
    public void Park(int milliseconds)
    {
        if (milliseconds == 0) return;
        SynchronizationContext.SetSynchronizationContext(null); // this wait is not one of user code
        lock (_signal)
        {
            CheckInvariantsLocked();

            // SYNC: entry against sleep. Sleep is announced (a full fence), then entries are read.
            Interlocked.Exchange(ref _isParked, 1);
            if (!loop.HasEntries) Monitor.Wait(_signal, milliseconds);
            Volatile.Write(ref _isParked, 0);
        }

        SynchronizationContext.SetSynchronizationContext(loop.Context);
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>How many milliseconds to sleep; with a clock that is not the system's, one of its timers wakes the loop instead.</summary>
    private int ArmTimer(long due)
    {
        var clock = loop.Clock;
        long left = due - clock.Now;
        if (left <= 0) return 0;
        if (ReferenceEquals(clock.Source, TimeProvider.System))
        {
            long unit = clock.Source.TimestampFrequency / 1000;
            return (int)Math.Min(int.MaxValue, (left + unit - 1) / unit);
        }

        _timer ??= clock.Source.CreateTimerWithoutFlow(static loop => ((LoopCore)loop!).Nudge(), loop);
        var delay = clock.DelayOf(left);
        _timer.Change(delay < TimeoutArguments.Longest ? delay : TimeoutArguments.Longest, Timeout.InfiniteTimeSpan);
        return due - clock.Now <= 0 ? 0 : Timeout.Infinite;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(loop.IsHere, "only the loop's own thread sleeps for it");
        Debug.Assert(_isParked == 0, "the loop's thread sleeps once");
    }
}
