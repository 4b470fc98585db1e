using System.Runtime.CompilerServices;
using Samovar.Tasks.Completions;

namespace Samovar;

/// <summary>Awaits a <see cref="Future{T}"/>; the compiler uses it.</summary>
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

    /// <summary>Whether the task has ended.</summary>
    public bool IsCompleted => FutureAwaiter.MayGoOn(_future);

    /// <summary>The result, or the task's error; blocks when it has not ended.</summary>
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
