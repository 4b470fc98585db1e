using System.Globalization;

namespace Samovar;

/// <summary>The ranges of time that timers can hold.</summary>
internal static class Durations
{
    /// <summary>The longest due time of a <see cref="Timer"/>: 2^32 - 2 milliseconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>A time as errors write it, in one unit and whatever the culture: 250 µs, 50 ms, 1.2 s, 5 min, 36 h, 90 days.</summary>
    public static string Text(TimeSpan time) => time switch
    {
        _ when time == Timeout.InfiniteTimeSpan => "unlimited time",
        { Ticks: 0 } => "0 s",
        { TotalMilliseconds: < 1 } => Text(time.TotalMicroseconds, "µs"),
        { TotalSeconds: < 1 } => Text(time.TotalMilliseconds, "ms"),
        { TotalMinutes: < 2 } => Text(time.TotalSeconds, "s"),
        { TotalHours: < 2 } => Text(time.TotalMinutes, "min"),
        { TotalDays: < 2 } => Text(time.TotalHours, "h"),
        _ => Text(time.TotalDays, "days"),
    };

    private static string Text(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:0.###} {unit}");

    public static TimeSpan RequirePositive(TimeSpan value, string name) =>
        value > TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most {Text(Longest)}.");

    public static TimeSpan RequireNotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Text(Longest)}.");

    /// <summary>What to arm a timer for that has called before its time. Timers count whole milliseconds and drop the rest: armed for less than one they call at once, still too
    /// early, again and again.</summary>
    public static TimeSpan ToNextCall(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((left.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);

    /// <summary>Accepts also <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireTimeout(TimeSpan value, string name) =>
        value == Timeout.InfiniteTimeSpan ? value : RequireNotNegative(value, name);
}
