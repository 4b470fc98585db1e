namespace Samovar.Primitives;

/// <summary>Creates timers that do not capture the execution context of the calling thread.</summary>
internal static class TimerExtensions
{
    /// <summary>Creates a timer that is not armed yet.</summary>
    public static ITimer CreateTimerWithoutFlow(this TimeProvider time, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed()) return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
