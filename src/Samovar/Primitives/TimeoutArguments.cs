using System.Globalization;

namespace Samovar.Primitives;

/// <summary>The ranges of times in options and arguments.</summary>
/// <remarks>One rule for no limit: <see cref="Timeout.InfiniteTimeSpan"/>, and null where there can be null. <see cref="TimeSpan.MaxValue"/> is taken for the same. Other times are
/// bounded by what timers of the system can hold; those of an event loop and of its clock are not.</remarks>
internal static class TimeoutArguments
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

    /// <summary>Whether it stands for no limit.</summary>
    public static bool IsUnlimited(TimeSpan value) => value == Timeout.InfiniteTimeSpan || value == TimeSpan.MaxValue;

    /// <summary>A limit of more than zero; no limit is given back as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireLimit(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value > TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most {Text(Longest)}, or Timeout.InfiniteTimeSpan for no limit.");
    }

    /// <summary>As <see cref="RequireLimit(TimeSpan, string)"/>; no limit is given back as null.</summary>
    public static TimeSpan? RequireLimit(TimeSpan? value, string name) =>
        value is { } limit && RequireLimit(limit, name) is var required && required != Timeout.InfiniteTimeSpan ? required : null;

    /// <summary>A limit that may be zero; no limit is given back as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireTimeout(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Text(Longest)}, or Timeout.InfiniteTimeSpan for no limit.");
    }

    /// <summary>A time that may be zero, and must come to pass.</summary>
    public static TimeSpan RequireNotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero && value <= Longest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more and at most {Text(Longest)}.");

    /// <summary>A time on a clock that counts as far as one likes; one without an end is given back as <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan RequireAny(TimeSpan value, string name)
    {
        if (IsUnlimited(value)) return Timeout.InfiniteTimeSpan;
        return value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero or more, or Timeout.InfiniteTimeSpan for a time without an end.");
    }

    /// <summary>What to arm a timer for that has called before its time. Timers count whole milliseconds and drop the rest: armed for less than one they call at once, still too
    /// early, again and again.</summary>
    public static TimeSpan ToNextCall(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero :
        left >= Longest ? Longest :
        TimeSpan.FromTicks((left.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);
}
