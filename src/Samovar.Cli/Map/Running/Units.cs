using System.Globalization;

namespace Samovar.Cli.Map.Running;

/// <summary>Parses times and sizes with units.</summary>
internal static class Units
{
    /// <summary>Parses <c>500ms</c>, <c>2s</c>, <c>1.5m</c>, <c>1h</c>, or seconds without a unit; returns null for any other text and
    /// for zero.</summary>
    public static TimeSpan? TryParseTime(string text)
    {
        (string number, double factor) = text switch
        {
            [.. var n, 'm', 's'] => (n, 0.001),
            [.. var n, 's'] => (n, 1),
            [.. var n, 'm'] => (n, 60),
            [.. var n, 'h'] => (n, 3600),
            _ => (text, 1.0),
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * factor is > 0 and < 4_000_000
            ? TimeSpan.FromSeconds(value * factor)
            : null;
    }

    /// <summary>Parses <c>500M</c>, <c>2G</c>, <c>1T</c>, <c>65536K</c>, or bytes without a unit; returns null for any other text and for
    /// zero.</summary>
    public static long? TryParseSize(string text)
    {
        string plain = text.ToUpperInvariant().TrimEnd('B', 'I');
        (string number, long factor) = plain switch
        {
            [.. var n, 'K'] => (n, 1024L),
            [.. var n, 'M'] => (n, 1024L * 1024),
            [.. var n, 'G'] => (n, 1024L * 1024 * 1024),
            [.. var n, 'T'] => (n, 1024L * 1024 * 1024 * 1024),
            _ => (plain, 1L),
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * factor is > 0 and < long.MaxValue / 4
            ? (long)(value * factor)
            : null;
    }
}
