using System.Runtime.CompilerServices;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>The awaiter of a <see cref="Future"/>. Intended for compiler use.</summary>
public readonly struct FutureAwaiter : ICriticalNotifyCompletion
{
    private readonly Future _future;
    private readonly bool _captureContext;

    internal FutureAwaiter(Future future, bool captureContext)
    {
        _future = future;
        _captureContext = captureContext;
    }

    /// <summary>Gets whether the task has completed.</summary>
    public bool IsCompleted => MayGoOn(_future);

    /// <summary>Throws the task's error if it did not succeed; blocks if it has not completed.</summary>
    public void GetResult()
    {
        _future.Wait();
        _future.ThrowIfUnsuccessful();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Continue(_future, FlowingContinuation.Wrap(continuation), _captureContext);
    }

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Continue(_future, continuation, _captureContext);
    }

    /// <summary>Returns whether an <c>await</c> can continue synchronously.</summary>
    /// <exception cref="InvalidOperationException">The task awaits itself.</exception>
    internal static bool MayGoOn(Future future)
    {
        if (future.IsCompleted) return true;
        if (ReferenceEquals(RunningTask.Current, future)) throw EndlessWaits.WaitsForItself(future, []);
        return false;
    }

    /// <summary>Schedules the continuation of an <c>await</c>: in the context it came from, or on the thread pool.</summary>
    internal static void Continue(Future future, Action continuation, bool captureContext)
    {
        object entry = captureContext ? ContextCompletion.Capture(continuation) : continuation;
        if (future.TryAddCompletion(entry)) NestedWait.Note(future);
        else CompletionSlot.Signal(entry, future);
    }
}
