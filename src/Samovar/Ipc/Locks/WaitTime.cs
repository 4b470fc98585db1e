namespace Samovar.Ipc;

/// <summary>How long a caller is willing to wait.</summary>
internal static class WaitTime
{
    /// <exception cref="ArgumentOutOfRangeException">It is negative and not infinite, or longer than timers count.</exception>
    public static TimeSpan Checked(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return timeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromMilliseconds(uint.MaxValue - 1));
        return timeout;
    }
}
