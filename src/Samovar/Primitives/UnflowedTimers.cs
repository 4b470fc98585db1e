namespace Samovar.Primitives;

/// <summary>Timers that do not keep the execution context of whoever happens to make them.</summary>
internal static class UnflowedTimers
{
    /// <summary>Makes a timer that is not armed yet.</summary>
    public static ITimer CreateUnflowedTimer(this TimeProvider time, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed()) return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
