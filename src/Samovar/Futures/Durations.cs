namespace Samovar;

/// <summary>The ranges of time that timers can hold.</summary>
internal static class Durations
{
    /// <summary>The longest due time of a <see cref="Timer"/>: 2^32 - 2 milliseconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public static TimeSpan RequirePositive(TimeSpan value, string name) =>
        value > TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most {Longest}.");

    public static TimeSpan RequireNotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Longest}.");

    /// <summary>What to arm a timer for that has called before its time. Timers count whole milliseconds and drop the rest: armed for less than one they call at once, still too
    /// early, again and again.</summary>
    public static TimeSpan ToNextCall(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((left.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);

    /// <summary>Accepts also <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireTimeout(TimeSpan value, string name) =>
        value == Timeout.InfiniteTimeSpan ? value : RequireNotNegative(value, name);
}
