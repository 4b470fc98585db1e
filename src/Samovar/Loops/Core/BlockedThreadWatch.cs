namespace Samovar.Loops.Core;

/// <summary>Handles waits that block the loop's thread and that the runtime reports to the loop's synchronization context. No other callback runs
/// during such a wait, so a long one is reported, and an unbounded one that only the loop's own thread could end fails.</summary>
/// <remarks>Written by the loop's thread, read by others.</remarks>
/// <param name="loop">The loop.</param>
/// <param name="limit">How long code may block the thread before the wait is reported; <see cref="Timeout.InfiniteTimeSpan"/> to report none.</param>
internal sealed class BlockedThreadWatch(LoopCore loop, TimeSpan limit)
{
    private const int WaitTimedOut = 258; // WAIT_TIMEOUT, as SynchronizationContext.Wait returns it on every platform

    private string? _blockedAt;
    private int _isInWait;
    private long _reported;

    /// <summary>The stack of a wait that has exceeded the limit; null if the thread is in no such wait.</summary>
    public string? BlockedAt => Volatile.Read(ref _blockedAt);

    /// <summary>Whether the loop's thread is in a wait that will report itself when it exceeds the limit.</summary>
    public bool IsInWait => Volatile.Read(ref _isInWait) != 0;

    /// <summary>The start timestamp of the last callback that was reported for a wait.</summary>
    public long Reported => Volatile.Read(ref _reported);

    /// <summary>Blocks on behalf of user code on the loop's thread.</summary>
    public int Wait(IntPtr[] handles, bool all, int milliseconds)
    {
        int most = limit == Timeout.InfiniteTimeSpan ? milliseconds : Math.Max(1, (int)limit.TotalMilliseconds);
        if (milliseconds >= 0 && milliseconds <= most || most < 0) return LoopContext.BlockFor(handles, all, milliseconds);
        Volatile.Write(ref _isInWait, 1);
        try
        {
            int outcome = LoopContext.BlockFor(handles, all, most);
            if (outcome != WaitTimedOut) return outcome;
            string stack = Environment.StackTrace;
            Volatile.Write(ref _blockedAt, stack);
            Volatile.Write(ref _reported, loop.Began); // SYNC: wait reported. Written before the end of the wait is published.
            loop.Owner.ThreadIsBlocked(loop.Running, stack, milliseconds == Timeout.Infinite);
            return LoopContext.BlockFor(handles, all, milliseconds == Timeout.Infinite ? milliseconds : milliseconds - most);
        }
        finally
        {
            Volatile.Write(ref _blockedAt, null);
            Volatile.Write(ref _isInWait, 0);
        }
    }
}
