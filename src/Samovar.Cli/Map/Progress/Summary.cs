using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Map.Progress;

/// <summary>The summary that is printed after a run.</summary>
internal static class Summary
{
    public static IEnumerable<string> Lines(ProgressSnapshot end)
    {
        string already = end.Already > 0 ? Invariant($"{end.Already:N0} finished earlier, ") : "";
        string cached = end.Cached > 0 ? Invariant($" ({end.Cached:N0} of them from the cache)") : "";
        string skipped = end.Skipped > 0 ? Invariant($", {end.Skipped:N0} skipped") : "";
        yield return Invariant($"{already}{end.Succeeded:N0} succeeded{cached}, {end.Failed:N0} failed{skipped} in {Span(end.Wall)} ({Rate(end.Rate)}).");
        if (end.Ended == 0) yield break;
        yield return end.SpeedUp >= 1
            ? Invariant($"Total time of the items: {Span(end.Worked)}, a speed-up of {end.SpeedUp:0.0}.")
            : Invariant($"Total time of the items: {Span(end.Worked)}; the rest was spent on starting workers, reading, dispatching and writing.");
        if (end.Kinds.Count > 0)
            yield return "Failures: " + string.Join(", ", end.Kinds.Select(k => Invariant($"{k.Count:N0} × {k.Kind}"))) + ".";
        if (end.Slowest is [var slowest, ..] && slowest.Elapsed > TimeSpan.Zero)
        {
            yield return "Slowest:";
            foreach (SlowItem item in end.Slowest) yield return Invariant($"  {Span(item.Elapsed),9}  item {item.Number}  {item.Input}");
        }
    }

    /// <summary>Returns the summary as one line of JSON.</summary>
    public static string Json(ProgressSnapshot end) => JsonSerializer.Serialize(new
    {
        summary = new
        {
            already = end.Already,
            succeeded = end.Succeeded,
            cached = end.Cached,
            failed = end.Failed,
            skipped = end.Skipped,
            seconds = Math.Round(end.Wall.TotalSeconds, 3),
            worked = Math.Round(end.Worked.TotalSeconds, 3),
            speedUp = Math.Round(end.SpeedUp, 2),
            failures = end.Kinds.ToDictionary(k => k.Kind, k => k.Count),
            slowest = end.Slowest.Select(s => new { item = s.Number, input = s.Input, seconds = Math.Round(s.Elapsed.TotalSeconds, 6) }),
        },
    });

    /// <summary>Formats a rate of items per second.</summary>
    public static string Rate(double rate) => rate is > 0 and < 10 ? Invariant($"{rate:0.0}/s") : Invariant($"{rate:N0}/s");

    /// <summary>Formats a duration: 12 ms, 3.4 s, 5:06, 1:02:03.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1 } => Invariant($"{time.TotalMicroseconds:0} µs"),
        { TotalSeconds: < 1 } => Invariant($"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => Invariant($"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => Invariant($"{(int)time.TotalMinutes}:{time.Seconds:00}"),
        _ => Invariant($"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
