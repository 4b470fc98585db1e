using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>One asynchronous wait at a signal.</summary>
/// <remarks>A look takes what it finds: an item, room, a permit. Therefore the waiter's gate decides how the wait completes, the look included: a
/// wait that was cancelled or timed out does not look any more, and a wait whose look has found something cannot be cancelled any more. Completing a
/// wait is not affected by Thread.Interrupt.</remarks>
/// <param name="signal">The signal at which it waits.</param>
/// <param name="order">Its position among the waiters of this process at this signal.</param>
internal abstract class AsyncWaiter(SharedSignal signal, WaitOrder order) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly Lock _gate = new();

    public SharedSignal Signal => signal;

    public WaitOrder Order => order;

    /// <summary>Looks, unless the wait has completed. Called under the gate of the signal's thread, so the memory is mapped.</summary>
    public WaiterLook Look()
    {
        lock (_gate)
        {
            if (Task.IsCompleted) return WaiterLook.Ended;
            if (!IsReady) return WaiterLook.NotReady;
            EndLocked();
            TrySetResult(true);
            return WaiterLook.Ready;
        }
    }

    /// <summary>Completes the wait with an error, unless it has completed.</summary>
    public void Fail(Exception error)
    {
        using (_gate.HoldRegardless())
        {
            if (Task.IsCompleted) return;
            EndLocked();
            TrySetException(error);
        }
    }

    /// <summary>Waits at the signal's thread; returns false if the timeout elapsed.</summary>
    /// <param name="start">The timestamp of the first look.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="time">Measures the timeout.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<bool> WaitAsync(long start, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (order == WaitOrder.Takes) signal.JoinOrder();
        await using ITimer? timer = timeout == Timeout.InfiniteTimeSpan
            ? null
            : time.CreateTimer(static waiter => ((AsyncWaiter)waiter!).TimeOut(), this, timeout, Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (waiter, token) => ((AsyncWaiter)waiter!).Cancel(token), this);
        try
        {
            SignalThread.Add(this);
        }
        catch (Exception e)
        {
            Fail(e); // no thread could be started to sleep for this wait: it leaves the order, and throws the error below
        }

        bool isFound = await Task.ConfigureAwait(false);
        if (isFound) signal.SleptAsynchronously(Stopwatch.GetElapsedTime(start));
        return isFound;
    }

    /// <summary>Whether what is waited for is available; takes it if it can be taken.</summary>
    private protected abstract bool IsReady { get; }

    private void Cancel(CancellationToken token)
    {
        using (_gate.HoldRegardless())
        {
            if (Task.IsCompleted) return;
            EndLocked();
            TrySetCanceled(token);
        }

        SignalThread.Forget(this);
    }

    private void TimeOut()
    {
        using (_gate.HoldRegardless())
        {
            if (Task.IsCompleted) return;
            EndLocked();
            TrySetResult(false);
        }

        SignalThread.Forget(this);
    }

    private void EndLocked()
    {
        if (order == WaitOrder.Takes) signal.LeaveOrder();
    }
}

/// <inheritdoc/>
internal sealed class AsyncWaiter<TState>(SharedSignal signal, TState state, Func<TState, bool> ready, WaitOrder order) : AsyncWaiter(signal, order)
{
    private protected override bool IsReady => ready(state);
}

/// <summary>The result of a waiter's look.</summary>
internal enum WaiterLook
{
    /// <summary>The wait had completed before; it did not look.</summary>
    Ended,

    /// <summary>The wait continues.</summary>
    NotReady,

    /// <summary>The wait found what it waited for.</summary>
    Ready,
}
