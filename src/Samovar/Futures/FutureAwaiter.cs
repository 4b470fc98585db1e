using System.Runtime.CompilerServices;

namespace Samovar;

/// <summary>Awaits a <see cref="Future"/>; the compiler uses it.</summary>
public readonly struct FutureAwaiter : ICriticalNotifyCompletion
{
    private readonly Future _future;
    private readonly bool _captureContext;

    internal FutureAwaiter(Future future, bool captureContext)
    {
        _future = future;
        _captureContext = captureContext;
    }

    /// <summary>Whether the task has ended.</summary>
    public bool IsCompleted => _future.IsCompletedForAwait;

    /// <summary>Throws the task's error, if it did not succeed; blocks when it has not ended.</summary>
    public void GetResult()
    {
        _future.Wait();
        _future.ThrowIfUnsuccessful();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        _future.AddContinuation(FlowingContinuation.Wrap(continuation), _captureContext);
    }

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        _future.AddContinuation(continuation, _captureContext);
    }
}
