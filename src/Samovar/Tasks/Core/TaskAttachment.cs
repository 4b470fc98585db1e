using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Core;

/// <summary>What belongs to one future and most futures do not have: until completion the state that the executor keeps for the task, after it the
/// error.</summary>
/// <remarks>
/// <list type="number">
/// <item>The executor attaches its state once. State that is attached after completion is released at once.</item>
/// <item>The thread that has claimed the outcome closes the slot, with the error of a failed task, before it finishes the word, which publishes the
/// error.</item>
/// <item>The error of a cancelled task is created when it is first requested, by one compare-and-swap.</item>
/// </list>
/// </remarks>
internal struct TaskAttachment
{
    private static readonly ExecutorTaskState s_closed = new Nothing();

    // null; the executor's state; after completion s_closed, a FutureFailure if the task failed, or an ExceptionDispatchInfo if it was cancelled and
    // the error was requested
    private object? _content;

    /// <summary>The executor's state; null if it attached no state, and after completion.</summary>
    public readonly ExecutorTaskState? State => Volatile.Read(in _content) is ExecutorTaskState state && !ReferenceEquals(state, s_closed) ? state : null;

    /// <summary>Whether the task has failed and its error was never observed.</summary>
    public readonly bool IsUnobserved => Volatile.Read(in _content) is FutureFailure { IsObserved: false };

    /// <summary>The error of a task that has failed, or is about to; null for any other. Does not mark it as observed.</summary>
    public readonly Exception? Error => (Volatile.Read(in _content) as FutureFailure)?.Error;

    /// <summary>Stores the executor's state for the task; releases it at once if the task has completed in the meantime.</summary>
    public void Attach(ExecutorTaskState state)
    {
        // SYNC: task state attached or released. One of the two comes first, and the other sees it.
        if (Interlocked.CompareExchange(ref _content, state, null) is not null) state.Release();
    }

    /// <summary>Called when the outcome is claimed: releases the executor's state, and any that is attached later, and stores the error of a failed
    /// task.</summary>
    public void Close(FutureFailure? failure) =>
        (Interlocked.Exchange(ref _content, (object?)failure ?? s_closed) as ExecutorTaskState)?.Release(); // SYNC: task state attached or released

    /// <summary>Returns the error to throw and marks it as observed. Only valid after completion without success.</summary>
    public ExceptionDispatchInfo Observe(Future future)
    {
        object? seen = Volatile.Read(ref _content);
        if (seen is FutureFailure failure) return failure.Observe();
        if (seen is ExceptionDispatchInfo known) return known;
        var fresh = ExceptionDispatchInfo.Capture(TaskErrors.Canceled(future));
        return Interlocked.CompareExchange(ref _content, fresh, seen) as ExceptionDispatchInfo ?? fresh;
    }

    private sealed class Nothing : ExecutorTaskState
    {
        public override TaskShipping? Shipping => null;

        public override void Release()
        {
        }
    }
}
