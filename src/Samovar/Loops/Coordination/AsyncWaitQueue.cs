using System.Diagnostics;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Coordination;

/// <summary>Those who wait for something, in the order they came. All under the lock of whoever owns the queue, unless said otherwise.</summary>
/// <param name="gate">The owner's lock.</param>
/// <param name="left">Called under the lock when one has left without being granted; what it returns is called after, not under the lock.</param>
internal sealed class AsyncWaitQueue(Lock gate, Func<Waiter, Action?>? left = null)
{
    private Waiter? _last;

    public int Count { get; private set; }

    public Waiter? First { get; private set; }

    /// <summary>The token of a wait that must not begin, its own or that of the scope around it; null when it may. Needs no lock.</summary>
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

    /// <summary>Goes on, from another line under the same lock, with one that has been taken out there. It does not leave this line any more.</summary>
    public void Adopt(Waiter waiter)
    {
        waiter.IsBound = true;
        Link(waiter);
    }

    /// <summary>Takes the first out, for the caller to grant; null when nobody waits.</summary>
    public Waiter? Take()
    {
        var first = First;
        if (first is not null) Unlink(first);
        return first;
    }

    /// <summary>Takes this one out, for the caller to grant or to fail; false when it has left.</summary>
    public bool Take(Waiter waiter)
    {
        if (!waiter.IsQueued) return false;
        Unlink(waiter);
        return true;
    }

    /// <summary>Takes all out.</summary>
    public List<Waiter> TakeAll()
    {
        var all = new List<Waiter>(Count);
        while (Take() is { } waiter) all.Add(waiter);
        return all;
    }

    /// <summary>Takes one out, wherever it stands. False: it is not there any more. Takes the lock itself.</summary>
    /// <param name="waiter">The one.</param>
    /// <param name="then">What its leaving means for the others; to be called not under the lock.</param>
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
        Debug.Assert((Count == 0) == (First is null) && (First is null) == (_last is null), "a line that counts nobody has no ends");
        Debug.Assert(First is null || (First.Previous is null && First.IsQueued), "nobody stands before the first");
        Debug.Assert(_last is null || (_last.Next is null && _last.IsQueued), "nobody stands behind the last");
        Debug.Assert(Count != 1 || ReferenceEquals(First, _last), "one alone is the first and the last");
    }
}
