using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>Runs a loop, as the loop itself knows it: gives it a thread, decides what happens where nothing can go on, and is reported what no code of the loop
/// can be handed.</summary>
internal abstract class LoopOwner
{
    /// <summary>The loop's name in errors.</summary>
    public abstract string Name { get; }

    /// <summary>Trips when everything on the loop is cancelled: sleeps that obey the whole loop name it.</summary>
    public abstract CancellationToken Token { get; }

    /// <summary>Whether the loop itself runs the tasks of this executor.</summary>
    public abstract bool Owns(ExecutorCore executor);

    /// <summary>Work came in, and no thread has run the loop yet (<see cref="LoopCore.NeedsThread"/>). From any thread.</summary>
    public abstract void StartThread();

    /// <summary>Nothing is ready, nothing is due, and nothing announced is under way elsewhere. True: the owner has dealt with it.</summary>
    public abstract bool IsStuck();

    /// <summary>The loop is to end (<see cref="LoopCore.BoundEnd"/>), and callbacks come one after the other without becoming fewer, in virtual time without letting it
    /// pass.</summary>
    public abstract void EndIsOverdue();

    /// <summary>Reports an error that no caller can be handed.</summary>
    public abstract void Report(FailureSource source, long taskId, string? taskName, Exception exception);

    /// <summary>A callback threw, and no code awaits it. On the loop's thread, or, once the loop has ended, on one of the thread pool.</summary>
    public abstract void CallbackFailed(Exception error, ReadyItem callback);

    /// <summary>A callback has held up the loop for longer than it may.</summary>
    /// <param name="callback">The callback.</param>
    /// <param name="duration">For how long; so far, where <paramref name="place"/> is not null.</param>
    /// <param name="place">What its thread does, in words, where the callback still runs: reported by another thread. Null where it has ended.</param>
    public abstract void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place);

    /// <summary>Code blocks the loop's thread, and has for as long as it may.</summary>
    /// <param name="callback">What runs.</param>
    /// <param name="stack">Where.</param>
    /// <param name="isEndless">Whether the wait has no end of its own.</param>
    public abstract void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless);
}
