using Samovar.Primitives;

namespace Samovar.Tasks.Running;

/// <summary>The places of a bounded queue. A place is taken before a task is made and given back when the task leaves the
/// queue, by whatever way.</summary>
/// <remarks>
/// <list type="number">
/// <item>Places are taken and given back without a lock: an executor does it under its gate, on threads that may be interrupted
/// (<see cref="Thread.Interrupt"/>), and setting an event is no wait that an interrupt ends. Nothing that follows the taking of a place is such a wait.</item>
/// <item>A waiter is counted first and then looks for a place; a place is given back first and then the waiters are read. So one of
/// the two sees the other.</item>
/// <item>One setting of the event releases one waiter, and two settings may count as one: a waiter that stops waiting sets it again where
/// there is room for the next.</item>
/// </list>
/// </remarks>
internal sealed class QueueRoom(string executor, int capacity, QueueFullMode mode)
{
    private readonly AutoResetEvent _roomMade = new(initialState: false);
    private int _taken;
    private int _waiting;
    private bool _closed;

    /// <summary>How many wait for a place.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    // A closed room lets all through: the admission that follows refuses them.
    private bool HasRoom => Volatile.Read(ref _taken) < capacity || Volatile.Read(ref _closed);

    /// <summary>Takes a place; blocks or throws when there is none.</summary>
    /// <exception cref="QueueFullException">Full, and told to reject.</exception>
    /// <exception cref="OperationCanceledException">The token tripped while waiting.</exception>
    public void Take(CancellationToken cancellationToken)
    {
        if (TryTake()) return;
        if (mode == QueueFullMode.Reject) throw new QueueFullException(executor, capacity);
        if (!cancellationToken.CanBeCanceled)
        {
            WaitAndTake([_roomMade], cancellationToken);
            return;
        }

        // Not the token's own handle, which is gone where its source is disposed.
        var cancelled = new ManualResetEvent(initialState: false);
        var registration = cancellationToken.UnsafeRegister(static handle => ((ManualResetEvent)handle!).Set(), cancelled);
        try
        {
            WaitAndTake([_roomMade, cancelled], cancellationToken);
        }
        finally
        {
            // Nothing may throw here, for a place may be taken. Disposing of a registration waits for a callback that runs, and an interrupt ends
            // that wait. Where the callback has begun, it may still set the event, which the finalizer then closes.
            if (registration.UnregisterRegardless()) cancelled.Dispose();
        }
    }

    /// <summary>Takes a place beyond the capacity if need be: for the executor's own tasks, which must not wait for themselves,
    /// and for further attempts.</summary>
    public void TakeRegardless() => Interlocked.Increment(ref _taken);

    public void GiveBack()
    {
        Interlocked.Decrement(ref _taken); // SYNC: room or waiters. A place is given back, then waiters are read.
        if (Volatile.Read(ref _waiting) > 0) _roomMade.Set();
    }

    /// <summary>Releases all waiters; the admission that follows refuses them.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        _roomMade.Set(); // stays set until one waits
    }

    private void WaitAndTake(WaitHandle[] handles, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting); // SYNC: room or waiters. The waiter is counted, then places are read.
        try
        {
            while (!TryTake())
            {
                cancellationToken.ThrowIfCancellationRequested();
                WaitHandle.WaitAny(handles);
            }
        }
        finally
        {
            // This one may have been let go for another's place, or for several.
            if (Interlocked.Decrement(ref _waiting) > 0 && HasRoom) _roomMade.Set();
        }
    }

    private bool TryTake()
    {
        int taken = Volatile.Read(ref _taken);
        while (taken < capacity || Volatile.Read(ref _closed))
        {
            int seen = Interlocked.CompareExchange(ref _taken, taken + 1, taken);
            if (seen == taken) return true;
            taken = seen;
        }

        return false;
    }
}
