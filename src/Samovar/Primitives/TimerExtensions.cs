namespace Samovar.Primitives;

/// <summary>Timers that do not keep the execution context of whoever happens to make them.</summary>
internal static class TimerExtensions
{
    /// <summary>Makes a timer that is not armed yet.</summary>
    public static ITimer CreateTimerWithoutFlow(this TimeProvider time, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed()) return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
