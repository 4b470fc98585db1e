using Samovar.Primitives;

namespace Samovar.Tasks.Running;

/// <summary>The places of a bounded queue. A place is taken before a task is created and returned when the task leaves the queue, in
/// whatever way.</summary>
/// <remarks>
/// <list type="number">
/// <item>Places are taken and returned without a lock: an executor does so under its gate, on threads that may be interrupted
/// (<see cref="Thread.Interrupt"/>), and setting an event is not a wait, so an interrupt does not abort it. No such wait follows the taking
/// of a place.</item>
/// <item>A waiter is counted first and then looks for a place; a place is returned first and then the waiters are read. So one of the two
/// sees the other.</item>
/// <item>Setting the event once releases one waiter, and two sets may count as one: a waiter that stops waiting sets it again if there is
/// room for the next.</item>
/// </list>
/// </remarks>
internal sealed class QueueRoom(string executor, int capacity, QueueFullMode mode)
{
    private readonly AutoResetEvent _roomMade = new(initialState: false);
    private int _taken;
    private int _waiting;
    private bool _closed;

    /// <summary>The number of callers that wait for a place.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    // A closed room admits every caller: the admission that follows refuses them.
    private bool HasRoom => Volatile.Read(ref _taken) < capacity || Volatile.Read(ref _closed);

    /// <summary>Takes a place. If the queue is full, blocks or throws, depending on the mode.</summary>
    /// <exception cref="QueueFullException">The queue is full and the mode is <see cref="QueueFullMode.Reject"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled during the wait.</exception>
    public void Take(CancellationToken cancellationToken)
    {
        if (TryTake()) return;
        if (mode == QueueFullMode.Reject) throw new QueueFullException(executor, capacity);
        if (!cancellationToken.CanBeCanceled)
        {
            WaitAndTake([_roomMade], cancellationToken);
            return;
        }

        // Not the token's own handle, which is closed when its source is disposed.
        var cancelled = new ManualResetEvent(initialState: false);
        var registration = cancellationToken.UnsafeRegister(static handle => ((ManualResetEvent)handle!).Set(), cancelled);
        try
        {
            WaitAndTake([_roomMade, cancelled], cancellationToken);
        }
        finally
        {
            // Nothing may throw here, because a place may have been taken. Disposing a registration waits for a running callback, and an
            // interrupt aborts that wait. If the callback has started, it may still set the event, which the finalizer then closes.
            if (registration.UnregisterRegardless()) cancelled.Dispose();
        }
    }

    /// <summary>Takes a place even beyond the capacity: for tasks that the executor's own tasks submit, which must not wait for themselves,
    /// and for later attempts.</summary>
    public void TakeRegardless() => Interlocked.Increment(ref _taken);

    public void GiveBack()
    {
        Interlocked.Decrement(ref _taken); // SYNC: room or waiters. A place is returned, then waiters are read.
        if (Volatile.Read(ref _waiting) > 0) _roomMade.Set();
    }

    /// <summary>Releases all waiters; the admission that follows refuses them.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        _roomMade.Set(); // stays set until a thread waits
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
            // This waiter may have been released for another waiter's place, or for several.
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
