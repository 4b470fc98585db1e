using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>The code that runs a loop, as the loop sees it: provides its thread, decides what happens when the loop cannot make progress, and
/// receives the errors that cannot be passed to any code of the loop.</summary>
internal abstract class LoopOwner
{
    /// <summary>The loop's name, for error messages.</summary>
    public abstract string Name { get; }

    /// <summary>Cancelled when everything on the loop is cancelled. Sleeps that belong to the whole loop throw with this token.</summary>
    public abstract CancellationToken Token { get; }

    /// <summary>Returns whether the loop itself runs the tasks of <paramref name="executor"/>.</summary>
    public abstract bool Owns(ExecutorCore executor);

    /// <summary>Called when an entry was queued and no thread has run the loop yet (<see cref="LoopCore.NeedsThread"/>). From any thread.</summary>
    public abstract void StartThread();

    /// <summary>Called when no callback is ready, no timer is armed, and no tracked work is pending elsewhere. Returns true if the owner has handled
    /// the situation.</summary>
    public abstract bool IsStuck();

    /// <summary>Called while the loop shuts down (<see cref="LoopCore.BoundEnd"/>) if callbacks keep running without their number dropping and, in
    /// virtual time, without the clock advancing.</summary>
    public abstract void EndIsOverdue();

    /// <summary>Reports an error that cannot be passed to any caller.</summary>
    public abstract void Report(FailureSource source, long taskId, string? taskName, Exception exception);

    /// <summary>Reports an exception of a callback that no code awaits. On the loop's thread or, on a closed loop, on a thread-pool thread.</summary>
    public abstract void CallbackFailed(Exception error, ReadyItem callback);

    /// <summary>Reports a callback that has occupied the loop for longer than its limit.</summary>
    /// <param name="callback">The callback.</param>
    /// <param name="duration">How long it has run; the time so far if <paramref name="place"/> is not null.</param>
    /// <param name="place">What the thread does, as text, if the callback still runs; another thread reports it then. Null if the callback has
    /// returned.</param>
    public abstract void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place);

    /// <summary>Reports that code has blocked the loop's thread for as long as the limit allows.</summary>
    /// <param name="callback">The running callback.</param>
    /// <param name="stack">The stack of the wait.</param>
    /// <param name="isEndless">Whether the wait has no timeout.</param>
    public abstract void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless);
}
