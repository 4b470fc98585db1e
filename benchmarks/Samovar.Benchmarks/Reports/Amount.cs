using System.Globalization;

namespace Samovar.Benchmarks.Reports;

/// <summary>Formats figures with three digits and a prefix for the unit.</summary>
internal static class Amount
{
    private static readonly (double Size, string Prefix)[] s_large = [(1e9, " G"), (1e6, " M"), (1e3, " k")];

    /// <summary>Formats a figure: 1.06 M/s, 14.5 µs, 62 ms, 185 B.</summary>
    public static string Show(double? value, string unit)
    {
        if (value is not { } figure) return "–";
        if (!unit.EndsWith("/s", StringComparison.Ordinal)) return $"{Digits(figure)} {unit}";
        string gap = unit.StartsWith('/') || unit == "B/s" ? "" : " ";
        foreach (var (size, prefix) in s_large)
        {
            if (figure >= size) return $"{Digits(figure / size)}{prefix}{gap}{unit}";
        }

        return $"{Digits(figure)}{(unit.StartsWith('/') ? "" : " ")}{unit}";
    }

    /// <summary>Formats a ratio: 22.8 x, 0.45 x.</summary>
    public static string Times(double? ratio) => ratio is { } times ? $"{Digits(times)} x" : "–";

    public static string Percent(double? share) => share is { } part ? string.Create(CultureInfo.InvariantCulture, $"{part * 100:0} %") : "–";

    private static string Digits(double value) => value switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
