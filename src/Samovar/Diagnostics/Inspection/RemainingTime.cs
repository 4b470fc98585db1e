namespace Samovar.Diagnostics.Inspection;

/// <summary>Estimates how long the rest of a map takes.</summary>
internal static class RemainingTime
{
    private const double LongestSeconds = 1e11; // 3,000 years

    /// <summary>Returns the estimate; null if the total is not known, or if nothing completes at the moment.</summary>
    /// <param name="total">How many items there are; null if that is not known.</param>
    /// <param name="completed">How many have completed.</param>
    /// <param name="rate">How many complete a second.</param>
    public static TimeSpan? Estimate(long? total, long completed, double rate)
    {
        if (total is not { } all) return null;
        if (completed >= all) return TimeSpan.Zero;
        double seconds = (all - completed) / rate;
        return rate > 0 && seconds < LongestSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
