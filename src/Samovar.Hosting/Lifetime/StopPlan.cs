namespace Samovar.Hosting.Lifetime;

/// <summary>How the time that the host has for its stop is divided. Immutable.</summary>
/// <param name="DrainTime">How long executors may complete their tasks; infinite if the host has no limit.</param>
/// <param name="Reserve">The time after that, in which incomplete tasks are cancelled and killed.</param>
internal readonly record struct StopPlan(TimeSpan DrainTime, TimeSpan Reserve)
{
    private const int LargestShare = 4;

    // The longest time that a timer supports, about 49 days, exceeds this.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    /// <summary>Plans a stop.</summary>
    /// <param name="timeout">The host's limit for its whole stop.</param>
    /// <param name="elapsed">The part of it that has elapsed.</param>
    /// <param name="reserve">How much of it is reserved for killing; at most a quarter of the limit is.</param>
    public static StopPlan For(TimeSpan timeout, TimeSpan elapsed, TimeSpan reserve)
    {
        if (timeout < TimeSpan.Zero || timeout > s_longest) return new StopPlan(Timeout.InfiniteTimeSpan, reserve);
        if (reserve > timeout / LargestShare) reserve = timeout / LargestShare;
        var drain = timeout - reserve - elapsed;
        return new StopPlan(drain > TimeSpan.Zero ? drain : TimeSpan.Zero, reserve);
    }

    /// <summary>Returns how long running tasks have to react to their cancellation: the executor's own grace period, but at most half of the
    /// reserve, because the kill itself takes time as well.</summary>
    public TimeSpan GraceFor(TimeSpan grace) => grace == Timeout.InfiniteTimeSpan || grace > Reserve / 2 ? Reserve / 2 : grace;
}
