using System.Globalization;

namespace Samovar.Cli.Top;

/// <summary>Formats figures and names for <c>samovar top</c>. Figures come from another process: any number is formatted.</summary>
internal static class TopText
{
    private const int LongestText = 500;
    private const double LongestMilliseconds = 1e13; // 300 years

    /// <summary>A number of things, with separators.</summary>
    public static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A rate; empty if it is not known.</summary>
    public static string Rate(double? perSecond) => perSecond switch
    {
        null => "",
        > 0 and < 10 => Invariant($"{perSecond:0.0}"),
        _ => Invariant($"{perSecond:N0}"),
    };

    /// <summary>A duration: 12 µs, 3.4 ms, 1.2 s, 5:06, 1:02:03.</summary>
    public static string Time(double milliseconds)
    {
        double bounded = double.IsFinite(milliseconds) ? Math.Clamp(milliseconds, 0, LongestMilliseconds) : 0;
        var time = TimeSpan.FromMilliseconds(bounded);
        return bounded switch
        {
            < 1 => Invariant($"{bounded * 1000:0} µs"),
            < 100 => Invariant($"{bounded:0.0} ms"),
            < 1_000 => Invariant($"{bounded:0} ms"),
            < 60_000 => Invariant($"{time.TotalSeconds:0.0} s"),
            < 3_600_000 => Invariant($"{(int)time.TotalMinutes}:{time.Seconds:00}"),
            _ => Invariant($"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"),
        };
    }

    /// <summary>An amount of any unit: 0.25, 12, 3.4k, 17.2G.</summary>
    public static string Amount(double amount)
    {
        string[] factors = ["", "k", "M", "G", "T", "P"];
        int factor = 0;
        for (; amount >= 1000 && factor < factors.Length - 1; factor++) amount /= 1000;
        return factor == 0 ? Invariant($"{amount:0.####}") : Invariant($"{amount:0.#}{factors[factor]}");
    }

    /// <summary>A size: 12 B, 3.4 KB, 1.2 GB.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];
        int unit = 0;
        while (bytes >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return unit == 0 || bytes >= 100 ? Invariant($"{bytes:0} {units[unit]}") : Invariant($"{bytes:0.0} {units[unit]}");
    }

    public static string Percent(double part) => Invariant($"{part * 100:0.#} %");

    /// <summary>A bar of 16 cells and the percentage; <paramref name="part"/> is between 0 and 1. Full only when all is done.</summary>
    public static string Bar(double part)
    {
        const int width = 16;
        int full = (int)(part * width);
        return Invariant($"{new string('━', full)}{new string('╌', width - full)} {Math.Floor(part * 100):0} %");
    }

    /// <summary>Replaces control characters: names come from another program, and must not move the cursor or change colours. Long texts are
    /// shortened.</summary>
    public static string Printable(string? text) =>
        text is null ? "" : string.Concat(text.Take(LongestText).Select(static one => char.IsControl(one) ? '?' : one));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
