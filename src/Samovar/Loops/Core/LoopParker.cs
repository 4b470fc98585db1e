using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Loops.Core;

/// <summary>Blocks the loop's thread while it has nothing to do, and wakes it when an entry is queued or a timer is due.</summary>
/// <remarks>A loop that does not sleep is not woken. The loop sets its parked flag and then reads the entry flag again; an entering thread publishes
/// its entry and then reads the parked flag. Both use a full fence, so at least one sees the other's write. Of several threads that enter at once,
/// one wakes the loop.</remarks>
internal sealed class LoopParker(LoopCore loop) : IDisposable
{
    private readonly object _signal = new(); // for Monitor.Wait and Monitor.Pulse
    private ITimer? _timer; // on the loop's thread
    private int _isParked;

    /// <summary>Whether the loop's thread sleeps and must be woken. From any thread, after a full fence.</summary>
    public bool IsParked => Volatile.Read(ref _isParked) != 0;

    public void Wake()
    {
        if (Interlocked.Exchange(ref _isParked, 0) == 0) return;
        lock (_signal) Monitor.Pulse(_signal);
    }

    /// <summary>Blocks until an entry is queued or the time <paramref name="due"/> is reached; <see cref="TimerQueue.Never"/> for no time
    /// limit.</summary>
    public void ParkUntil(long due)
    {
        int pauses = 0;
        while (SpinPolicy.TrySpinBeforeBlocking(ref pauses))
        {
            if (loop.HasEntries) return;
        }

        Park(due == TimerQueue.Never ? Timeout.Infinite : ArmTimer(due));
    }

    /// <summary>Blocks until an entry is queued, for at most <paramref name="milliseconds"/>; <see cref="Timeout.Infinite"/> for no time
    /// limit.</summary>
    public void Park(int milliseconds)
    {
        if (milliseconds == 0) return;
        SynchronizationContext.SetSynchronizationContext(null); // this wait must not be reported as a wait of user code
        try
        {
            lock (_signal)
            {
                CheckInvariantsLocked();

                // SYNC: entry against sleep. The parked flag is published (a full fence), then the entry flag is read.
                Interlocked.Exchange(ref _isParked, 1);
                if (!loop.HasEntries) Monitor.Wait(_signal, milliseconds);
            }
        }
        finally
        {
            // Even if the thread is interrupted: the loop reports that and continues.
            Volatile.Write(ref _isParked, 0);
            SynchronizationContext.SetSynchronizationContext(loop.Context);
        }
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Returns how many milliseconds to sleep. With a clock other than the system's, arms one of its timers to wake the loop
    /// instead.</summary>
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
        Debug.Assert(loop.IsHere, "only the loop's own thread parks");
        Debug.Assert(_isParked == 0, "the loop's thread does not park twice");
    }
}
