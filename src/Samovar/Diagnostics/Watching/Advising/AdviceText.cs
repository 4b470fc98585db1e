namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>Formats the figures in sentences of advice.</summary>
internal static class AdviceText
{
    private const int LongestError = 200;

    public static string Percent(double part) => FormattableString.Invariant($"{Math.Clamp(part, 0, 1) * 100:0} %");

    /// <summary>A rate: 0.4, 3.2, 48, 12,000.</summary>
    public static string Rate(double value) =>
        value < 10 && Math.Abs(value - Math.Round(value)) > 0.05 ? FormattableString.Invariant($"{value:0.0}") : Number(value);

    /// <summary>A whole number.</summary>
    public static string Number(double value) => FormattableString.Invariant($"{value:N0}");

    public static string Time(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1 } => FormattableString.Invariant($"{time.TotalMicroseconds:0} µs"),
        { TotalMilliseconds: < 10 } => FormattableString.Invariant($"{time.TotalMilliseconds:0.0} ms"),
        { TotalSeconds: < 1 } => FormattableString.Invariant($"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 2 } => FormattableString.Invariant($"{time.TotalSeconds:0.#} s"),
        _ => FormattableString.Invariant($"{time.TotalMinutes:0} min"),
    };

    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        int unit = 0;
        while (bytes >= 1000 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return unit == 0 || bytes >= 10 ? FormattableString.Invariant($"{bytes:0} {units[unit]}") : FormattableString.Invariant($"{bytes:0.#} {units[unit]}");
    }

    /// <summary>A number of things: 1 worker, 4 workers.</summary>
    public static string Count(long number, string singular) => FormattableString.Invariant($"{number:N0} {singular}{(number == 1 ? "" : "s")}");

    /// <summary>The first line of an error, shortened, without a full stop.</summary>
    public static string Error(string text)
    {
        string line = text.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd('\r', '.', ' ');
        return line.Length <= LongestError ? line : string.Concat(line.AsSpan(0, LongestError), "…");
    }
}
