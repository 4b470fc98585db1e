using System.Diagnostics;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Coordination;

/// <summary>A FIFO queue of waiters. All members require the owner's lock, unless stated otherwise.</summary>
/// <param name="gate">The owner's lock.</param>
/// <param name="left">Called under the lock when a waiter has left without being granted. The action that it returns is invoked afterwards, outside
/// the lock.</param>
internal sealed class AsyncWaitQueue(Lock gate, Func<Waiter, Action?>? left = null)
{
    private Waiter? _last;

    public int Count { get; private set; }

    public Waiter? First { get; private set; }

    /// <summary>Returns the token that prevents a wait from starting, the caller's own or that of the enclosing scope; null if it may start. Needs no
    /// lock.</summary>
    public static CancellationToken? CanceledBy(CancellationToken own)
    {
        if (own.IsCancellationRequested) return own;
        return CancelScope.Current is { IsCancellationRequested: true } scope ? scope.Token : null;
    }

    public Waiter Join(IWaitedFor waitedFor)
    {
        var waiter = new Waiter(this, waitedFor);
        Link(waiter);
        return waiter;
    }

    /// <summary>Appends a waiter that was taken from another queue under the same lock. It cannot leave this queue before its turn.</summary>
    public void Adopt(Waiter waiter)
    {
        waiter.IsBound = true;
        Link(waiter);
    }

    /// <summary>Takes the first waiter, for the caller to grant; null if the queue is empty.</summary>
    public Waiter? Take()
    {
        var first = First;
        if (first is not null) Unlink(first);
        return first;
    }

    /// <summary>Takes a given waiter, for the caller to grant or to fail. Returns false if it is not in the queue.</summary>
    public bool Take(Waiter waiter)
    {
        if (!waiter.IsQueued) return false;
        Unlink(waiter);
        return true;
    }

    /// <summary>Takes all waiters.</summary>
    public List<Waiter> TakeAll()
    {
        var all = new List<Waiter>(Count);
        while (Take() is { } waiter) all.Add(waiter);
        return all;
    }

    /// <summary>Removes a waiter from any position. Returns false if it is not in the queue or may not leave. Takes the lock itself.</summary>
    /// <param name="waiter">The waiter.</param>
    /// <param name="then">The consequence for other waiters, if any; the caller invokes it outside the lock.</param>
    public bool Remove(Waiter waiter, out Action? then)
    {
        lock (gate)
        {
            then = null;
            if (!waiter.IsQueued || waiter.IsBound) return false;
            Unlink(waiter);
            then = left?.Invoke(waiter);
            return true;
        }
    }

    private void Link(Waiter waiter)
    {
        waiter.Previous = _last;
        waiter.IsQueued = true;
        if (_last is null) First = waiter;
        else _last.Next = waiter;
        _last = waiter;
        Count++;
        CheckInvariantsLocked();
    }

    private void Unlink(Waiter waiter)
    {
        if (waiter.Previous is null) First = waiter.Next;
        else waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null) _last = waiter.Previous;
        else waiter.Next.Previous = waiter.Previous;
        waiter.Next = null;
        waiter.Previous = null;
        waiter.IsQueued = false;
        Count--;
        CheckInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert((Count == 0) == (First is null) && (First is null) == (_last is null), "an empty queue has no ends");
        Debug.Assert(First is null || (First.Previous is null && First.IsQueued), "the first waiter has no predecessor");
        Debug.Assert(_last is null || (_last.Next is null && _last.IsQueued), "the last waiter has no successor");
        Debug.Assert(Count != 1 || ReferenceEquals(First, _last), "a single waiter is both first and last");
    }
}
