using Samovar.Primitives;

namespace Samovar.Tasks.Completions;

/// <summary>A thread that blocks until a future has completed.</summary>
internal sealed class BlockingCompletion : Completion
{
    private static readonly TimeSpan s_shortWait = TimeSpan.FromMilliseconds(5); // too short to do other work in the meantime

    // SpinCount 0: a thread that waits here has spun before. Never disposed: it has no handle, because its WaitHandle is never read.
    private readonly ManualResetEventSlim _ended = new(initialState: false, spinCount: 0);

    /// <summary>Blocks this thread until a future has completed. Spins first, for as long as <see cref="SpinPolicy.TrySpinBeforeBlocking"/>
    /// allows.</summary>
    /// <returns>false if the timeout expired first.</returns>
    public static bool Block(Future future, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isShort = timeout != Timeout.InfiniteTimeSpan && timeout < s_shortWait;
        if (timeout != TimeSpan.Zero && future.Core.TryRunInline(future, isShort)) return true;
        int pauses = 0;
        while (SpinPolicy.TrySpinBeforeBlocking(ref pauses))
        {
            if (future.IsCompleted) return true;
        }

        var waiter = new BlockingCompletion();
        if (!future.TryAddCompletion(waiter)) return true;
        try
        {
            return waiter._ended.Wait(timeout, cancellationToken) || future.IsCompleted;
        }
        finally
        {
            future.RemoveCompletion(waiter);
        }
    }

    public override void Signal(Future future) => _ended.Set();
}
