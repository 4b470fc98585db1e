using System.Globalization;

namespace Samovar.Primitives;

/// <summary>Validates times in options and arguments.</summary>
/// <remarks>No limit is <see cref="Timeout.InfiniteTimeSpan"/>, and null where the type allows it; <see cref="TimeSpan.MaxValue"/> means the same.
/// Other times must not exceed what timers of the system support, except times of an event loop and of its clock.</remarks>
internal static class TimeoutArguments
{
    /// <summary>The longest due time of a <see cref="Timer"/>: 2^32 - 2 milliseconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Formats a time for messages, in one unit and independent of the culture: 250 µs, 50 ms, 1.2 s, 5 min, 36 h, 90 days.</summary>
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

    /// <summary>Returns whether a time means no limit.</summary>
    public static bool IsUnlimited(TimeSpan value) => value == Timeout.InfiniteTimeSpan || value == TimeSpan.MaxValue;

    /// <summary>Requires a limit of more than zero; no limit is returned as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireLimit(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value > TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most {Text(Longest)}, or Timeout.InfiniteTimeSpan for no limit.");
    }

    /// <summary>Like <see cref="RequireLimit(TimeSpan, string)"/>; no limit is returned as null.</summary>
    public static TimeSpan? RequireLimit(TimeSpan? value, string name) =>
        value is { } limit && RequireLimit(limit, name) is var required && required != Timeout.InfiniteTimeSpan ? required : null;

    /// <summary>Requires a limit that may be zero; no limit is returned as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireTimeout(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Text(Longest)}, or Timeout.InfiniteTimeSpan for no limit.");
    }

    /// <summary>Requires a finite time that may be zero.</summary>
    public static TimeSpan RequireNotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Text(Longest)}.");

    /// <summary>Requires a time of a clock without an upper bound; an infinite time is returned as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireAny(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more, or Timeout.InfiniteTimeSpan for an infinite time.");
    }

    /// <summary>Returns the time for which to arm a timer that fired early. Timers count whole milliseconds and truncate the rest: armed for less
    /// than one, a timer fires immediately, still too early, again and again.</summary>
    public static TimeSpan ToNextCall(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero :
        left >= Longest ? Longest :
        TimeSpan.FromTicks((left.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);
}
