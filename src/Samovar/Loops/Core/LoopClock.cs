namespace Samovar.Loops.Core;

/// <summary>The clock of a loop, real or virtual. The loop's thread moves virtual time; any thread reads the clock.</summary>
/// <param name="source">The real clock, which in virtual time only measures how long callbacks take.</param>
/// <param name="isVirtual">Whether time is virtual.</param>
internal sealed class LoopClock(TimeProvider source, bool isVirtual)
{
    private readonly long _unitsPerTick = Math.Max(1, source.TimestampFrequency / TimeSpan.TicksPerSecond); // of the source, in a tick of TimeSpan
    private long _virtualNow;

    public TimeProvider Source => source;

    public bool IsVirtual => isVirtual;

    /// <summary>The time, in units of <see cref="Frequency"/>.</summary>
    public long Now => isVirtual ? Volatile.Read(ref _virtualNow) : source.GetTimestamp();

    public long Frequency => isVirtual ? TimeSpan.TicksPerSecond : source.TimestampFrequency;

    /// <summary>When a delay from now on is over; <see cref="TimerQueue.Never"/> for one that is infinite or beyond the clock.</summary>
    public long After(TimeSpan delay)
    {
        long now = Now;
        double units = delay.Ticks * (double)Frequency / TimeSpan.TicksPerSecond;
        return delay == Timeout.InfiniteTimeSpan || units >= long.MaxValue - now ? TimerQueue.Never : now + UnitsOf(delay);
    }

    /// <summary>A time of the source's units as a delay for one of its timers, which is not too short.</summary>
    public TimeSpan DelayOf(long units) => TimeSpan.FromTicks((units + _unitsPerTick - 1) / _unitsPerTick);

    /// <summary>Moves virtual time on. False: it is as late as that already. On the loop's thread.</summary>
    public bool TryMoveTo(long moment)
    {
        if (moment <= _virtualNow) return false;
        Volatile.Write(ref _virtualNow, moment);
        return true;
    }

    private long UnitsOf(TimeSpan delay) => Frequency == TimeSpan.TicksPerSecond
        ? delay.Ticks
        : (long)((Int128)delay.Ticks * Frequency / TimeSpan.TicksPerSecond);
}
