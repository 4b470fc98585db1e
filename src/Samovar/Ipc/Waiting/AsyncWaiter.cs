namespace Samovar.Ipc;

/// <summary>One asynchronous wait at a signal.</summary>
internal abstract class AsyncWaiter(SharedSignal signal) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public SharedSignal Signal => signal;

    /// <summary>Whether what is waited for is there; under the gate of the signal's thread, so the memory is mapped.</summary>
    public abstract bool IsReady { get; }

    /// <summary>Waits at the signal's thread; false where the time runs out.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        await using ITimer? timer = timeout == Timeout.InfiniteTimeSpan
            ? null
            : time.CreateTimer(static waiter => ((AsyncWaiter)waiter!).TimeOut(), this, timeout, Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (waiter, token) => ((AsyncWaiter)waiter!).Cancel(token), this);
        SignalThread.Add(this);
        return await Task.ConfigureAwait(false);
    }

    private void Cancel(CancellationToken token)
    {
        TrySetCanceled(token);
        SignalThread.Forget(this);
    }

    private void TimeOut()
    {
        TrySetResult(false);
        SignalThread.Forget(this);
    }
}

/// <inheritdoc/>
internal sealed class AsyncWaiter<TState>(SharedSignal signal, TState state, Func<TState, bool> ready) : AsyncWaiter(signal)
{
    public override bool IsReady => ready(state);
}
