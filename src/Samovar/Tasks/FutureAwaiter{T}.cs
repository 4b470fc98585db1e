using System.Runtime.CompilerServices;
using Samovar.Tasks.Completions;

namespace Samovar;

/// <summary>The awaiter of a <see cref="Future{T}"/>. Intended for compiler use.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public readonly struct FutureAwaiter<T> : ICriticalNotifyCompletion
{
    private readonly Future<T> _future;
    private readonly bool _captureContext;

    internal FutureAwaiter(Future<T> future, bool captureContext)
    {
        _future = future;
        _captureContext = captureContext;
    }

    /// <summary>Gets whether the task has completed.</summary>
    public bool IsCompleted => FutureAwaiter.MayGoOn(_future);

    /// <summary>Returns the result, or throws the task's error; blocks if the task has not completed.</summary>
    /// <returns>The result.</returns>
    public T GetResult() => _future.GetResult();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        FutureAwaiter.Continue(_future, FlowingContinuation.Wrap(continuation), _captureContext);
    }

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        FutureAwaiter.Continue(_future, continuation, _captureContext);
    }
}
