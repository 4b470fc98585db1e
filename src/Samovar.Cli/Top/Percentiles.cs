namespace Samovar.Cli.Top;

/// <summary>Percentiles of the durations of several functions together, from their buckets.</summary>
internal static class Percentiles
{
    /// <summary>Returns a duration that at least this part of the values do not exceed; null if there are no values.</summary>
    /// <param name="times">The durations of each function.</param>
    /// <param name="part">The part, from 0 to 1.</param>
    public static double? Of(IEnumerable<WatchedTimes> times, double part)
    {
        var buckets = times.SelectMany(static one => one.Buckets).Where(static bucket => bucket is [_, > 0]).OrderBy(static bucket => bucket[0]).ToList();
        double rank = part * buckets.Sum(static bucket => bucket[1]), seen = 0;
        foreach (var bucket in buckets)
        {
            seen += bucket[1];
            if (seen >= rank) return bucket[0];
        }

        return null;
    }
}
