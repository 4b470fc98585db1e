namespace Samovar.Cli.Map.Progress;

/// <summary>What a progress view needs to know about a run.</summary>
/// <param name="Counters">The counters.</param>
/// <param name="Total">The number of items; null if it is not known.</param>
/// <param name="Fraction">Returns the fraction of the input that has been read, for when the total is not known.</param>
/// <param name="Workers">The maximum number of items that run at the same time.</param>
/// <param name="Title">The method that is run.</param>
internal sealed record RunProgress(ProgressCounters Counters, long? Total, Func<double?> Fraction, int Workers, string Title)
{
    /// <summary>Returns the finished fraction, from 0 to 1; null if it is not known.</summary>
    public double? Done(ProgressSnapshot now) => Total switch
    {
        0 => 1,
        { } total => Math.Min(1, (now.Ended + now.Already) / (double)total),
        null => Fraction(),
    };

    /// <summary>Estimates the remaining time at the run's current rate; null if it cannot be estimated.</summary>
    public TimeSpan? Left(ProgressSnapshot now)
    {
        if (Done(now) >= 1) return null;
        if (Total is { } total) return now.Rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - now.Ended - now.Already) / now.Rate) : null;
        return Fraction() is { } done and > 0.001 ? now.Wall * ((1 - done) / done) : null;
    }
}
