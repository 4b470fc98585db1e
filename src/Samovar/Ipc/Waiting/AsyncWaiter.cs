using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>One asynchronous wait at a signal.</summary>
/// <remarks>A look takes what it finds: an item, room, a permit. So the waiter's gate decides how the wait ends, the look included: a wait that a
/// token or its time has ended looks no more, and one whose look has found something cannot be cancelled any more. What ends a wait does so
/// though its thread is interrupted.</remarks>
/// <param name="signal">Where it waits.</param>
/// <param name="order">Where it stands among the waiters of this process at this signal.</param>
internal abstract class AsyncWaiter(SharedSignal signal, WaitOrder order) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly Lock _gate = new();

    public SharedSignal Signal => signal;

    public WaitOrder Order => order;

    /// <summary>Looks, unless the wait has ended. Under the gate of the signal's thread, so the memory is mapped.</summary>
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

    /// <summary>Ends the wait with an error, unless it has ended.</summary>
    public void Fail(Exception error)
    {
        using (_gate.HoldRegardless())
        {
            if (Task.IsCompleted) return;
            EndLocked();
            TrySetException(error);
        }
    }

    /// <summary>Waits at the signal's thread; false where the time runs out.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
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
            Fail(e); // no thread could be started to sleep for it; the wait leaves the order, and throws this below
        }

        return await Task.ConfigureAwait(false);
    }

    /// <summary>Whether what is waited for is there; takes it where it can be taken.</summary>
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

/// <summary>What a look of a waiter found.</summary>
internal enum WaiterLook
{
    /// <summary>The wait had ended before: there was no look.</summary>
    Ended,

    /// <summary>It goes on waiting.</summary>
    NotReady,

    /// <summary>It has what it waited for.</summary>
    Ready,
}
