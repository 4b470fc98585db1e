namespace Samovar.Executors.Caching;

/// <summary>A call whose result is being computed, whatever its type.</summary>
internal abstract class PendingCall(ResultCacheKey key)
{
    public ResultCacheKey Key { get; } = key;

    /// <summary>How many callers wait for the result. Guarded by <see cref="PendingCalls"/>.</summary>
    public int Waiting { get; set; }

    /// <summary>Cancels the computation.</summary>
    public abstract void Cancel();
}

/// <summary>A call whose result is being computed.</summary>
internal sealed class PendingCall<TResult>(ResultCacheKey key) : PendingCall(key)
{
    private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Future<TResult>? _computation; // SYNC: computation published
    private bool _isCanceled; // SYNC: cancelled or published

    /// <summary>The result, once it is stored.</summary>
    public Task<TResult> Result => _result.Task;

    /// <summary>The task that computes the result; null until it has been submitted.</summary>
    public Future<TResult>? Computation => Volatile.Read(ref _computation); // SYNC: computation published

    /// <summary>Waits for the task that computes the result. Called once.</summary>
    public void Watch(Future<TResult> computation, Action<PendingCall<TResult>, Future<TResult>> finished)
    {
        Volatile.Write(ref _computation, computation); // SYNC: computation published
        Interlocked.MemoryBarrier(); // SYNC: cancelled or published
        if (Volatile.Read(ref _isCanceled)) computation.Cancel();
        computation.OnCompleted(future => finished(this, future));
    }

    public override void Cancel()
    {
        Volatile.Write(ref _isCanceled, true);
        Interlocked.MemoryBarrier(); // SYNC: cancelled or published
        Computation?.Cancel();
    }

    /// <summary>Passes the outcome of the computation to all callers.</summary>
    public void Complete(Future<TResult> computation)
    {
        if (computation.State == FutureState.Succeeded) _result.TrySetResult(computation.ResultUnchecked);
        else if (computation.State == FutureState.Canceled) _result.TrySetCanceled(CancellationToken.None);
        else Fail(computation.Exception!);
    }

    /// <summary>Passes an error to all callers.</summary>
    public void Fail(Exception error)
    {
        if (_result.TrySetException(error)) _ = _result.Task.Exception; // observed: without waiters, no caller needs the result
    }
}
