namespace Samovar.Loops.Core;

/// <summary>Code that blocks the loop's thread in a wait of which the loop hears: nothing else runs meanwhile, so a long one is reported, and one that nothing can end fails.</summary>
/// <remarks>The loop's thread writes, others read.</remarks>
/// <param name="loop">The loop.</param>
/// <param name="limit">How long code may block it.</param>
internal sealed class BlockedThreadWatch(LoopCore loop, TimeSpan limit)
{
    private const int WaitTimedOut = 258; // WAIT_TIMEOUT, as SynchronizationContext.Wait gives it on every platform

    private string? _blockedAt;
    private int _isInWait;
    private long _reported;

    /// <summary>Where the thread is blocked, once it has been for longer than it may; null where it is not.</summary>
    public string? BlockedAt => Volatile.Read(ref _blockedAt);

    /// <summary>Whether the loop's thread is in a wait that reports itself when it gets long.</summary>
    public bool IsInWait => Volatile.Read(ref _isInWait) != 0;

    /// <summary>The callback, by its beginning, that was reported last because it waits.</summary>
    public long Reported => Volatile.Read(ref _reported);

    /// <summary>Blocks for user code on the loop's thread.</summary>
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
            Volatile.Write(ref _reported, loop.Began); // SYNC: wait reported. Before the wait is marked as over.
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
