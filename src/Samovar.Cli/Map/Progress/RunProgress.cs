namespace Samovar.Cli.Map.Progress;

/// <summary>What a run looks like while it runs.</summary>
/// <param name="Counters">What is done.</param>
/// <param name="Total">How many items there are; null where that is not known.</param>
/// <param name="Fraction">How much of the input has been read, where the total is not known.</param>
/// <param name="Workers">How many may run at once.</param>
/// <param name="Title">What is run.</param>
internal sealed record RunProgress(ProgressCounters Counters, long? Total, Func<double?> Fraction, int Workers, string Title)
{
    /// <summary>From 0 to 1; null where nobody knows.</summary>
    public double? Done(ProgressSnapshot now) => Total switch
    {
        0 => 1,
        { } total => Math.Min(1, (now.Ended + now.Already) / (double)total),
        null => Fraction(),
    };

    /// <summary>How long it goes on, at this run's rate; null where nobody knows.</summary>
    public TimeSpan? Left(ProgressSnapshot now)
    {
        if (Done(now) >= 1) return null;
        if (Total is { } total) return now.Rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - now.Ended - now.Already) / now.Rate) : null;
        return Fraction() is { } done and > 0.001 ? now.Wall * ((1 - done) / done) : null;
    }
}
