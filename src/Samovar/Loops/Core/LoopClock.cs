namespace Samovar.Loops.Core;

/// <summary>A loop's clock, real or virtual. Only the loop's thread advances virtual time; any thread reads the clock.</summary>
/// <param name="source">The real clock. In virtual time, it is used only to measure how long callbacks take.</param>
/// <param name="isVirtual">Whether time is virtual.</param>
internal sealed class LoopClock(TimeProvider source, bool isVirtual)
{
    private readonly long _unitsPerTick = Math.Max(1, source.TimestampFrequency / TimeSpan.TicksPerSecond); // source units per TimeSpan tick
    private long _virtualNow;

    public TimeProvider Source => source;

    public bool IsVirtual => isVirtual;

    /// <summary>The current time, in units of <see cref="Frequency"/>.</summary>
    public long Now => isVirtual ? Volatile.Read(ref _virtualNow) : source.GetTimestamp();

    public long Frequency => isVirtual ? TimeSpan.TicksPerSecond : source.TimestampFrequency;

    /// <summary>Returns the time at which a delay that starts now elapses; <see cref="TimerQueue.Never"/> if the delay is infinite or exceeds the
    /// clock's range.</summary>
    public long After(TimeSpan delay)
    {
        long now = Now;
        double units = delay.Ticks * (double)Frequency / TimeSpan.TicksPerSecond;
        return delay == Timeout.InfiniteTimeSpan || units >= long.MaxValue - now ? TimerQueue.Never : now + UnitsOf(delay);
    }

    /// <summary>Converts a duration in the source's units to a delay for a timer of the source, rounded up.</summary>
    public TimeSpan DelayOf(long units) => TimeSpan.FromTicks((units + _unitsPerTick - 1) / _unitsPerTick);

    /// <summary>Advances virtual time. Returns false if the clock is already at or past <paramref name="moment"/>. On the loop's thread.</summary>
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
