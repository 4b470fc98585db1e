namespace Samovar.Loops;

/// <summary>Those who wait for something, in the order they came. All under the lock of whoever owns the line, unless said otherwise.</summary>
/// <param name="gate">The owner's lock.</param>
/// <param name="left">Called, not under the lock, when one has left without being granted: those behind it may be able to go on.</param>
internal sealed class WaitLine(Lock gate, Action? left = null)
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
        var waiter = new Waiter(this, waitedFor) { Previous = _last, IsInLine = true };
        if (_last is null) First = waiter;
        else _last.Next = waiter;
        _last = waiter;
        Count++;
        return waiter;
    }

    /// <summary>Takes the first out, for the caller to grant; null when nobody waits.</summary>
    public Waiter? Take()
    {
        var first = First;
        if (first is not null) Unlink(first);
        return first;
    }

    /// <summary>Takes all out.</summary>
    public List<Waiter> TakeAll()
    {
        var all = new List<Waiter>(Count);
        while (Take() is { } waiter) all.Add(waiter);
        return all;
    }

    /// <summary>Takes one out, wherever it stands. False: it is not there any more. Takes the lock itself.</summary>
    public bool Remove(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiter.IsInLine) return false;
            Unlink(waiter);
            return true;
        }
    }

    /// <summary>One has left without being granted. Not under the lock.</summary>
    public void Left() => left?.Invoke();

    private void Unlink(Waiter waiter)
    {
        if (waiter.Previous is null) First = waiter.Next;
        else waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null) _last = waiter.Previous;
        else waiter.Next.Previous = waiter.Previous;
        waiter.Next = null;
        waiter.Previous = null;
        waiter.IsInLine = false;
        Count--;
    }
}
