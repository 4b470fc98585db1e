using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Bounds how many do something at the same time, and knows who they are. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class CapacityLimiter : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private readonly List<(object? Borrower, AsyncLease Lease)> _borrowed = [];
    private readonly HashSet<object> _known = []; // borrowers that have a place or wait for one
    private readonly Action<AsyncLease> _release;
    private int _total;

    /// <summary>Makes one.</summary>
    /// <param name="total">How many places there are; at least 1.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public CapacityLimiter(int total, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        _total = total;
        Name = name;
        _queue = new AsyncWaitQueue(_gate, Left);
        _release = Release;
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>How many places there are. A larger number takes effect at once, a smaller one as places are given back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public int Total
    {
        get
        {
            lock (_gate) return _total;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            List<Waiter> granted;
            lock (_gate)
            {
                _total = value;
                granted = LendLocked();
                CheckInvariantsLocked();
            }

            foreach (var waiter in granted) waiter.Grant();
        }
    }

    /// <summary>How many wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    private string DebuggerText => $"CapacityLimiter {Name}: {_borrowed.Count} of {_total} borrowed, {_queue.Count} waiting";

    /// <summary>A snapshot.</summary>
    public CapacityStatistics GetStatistics()
    {
        int total, waiting;
        (object? Borrower, AsyncLease Lease)[] borrowed;
        lock (_gate)
        {
            total = _total;
            waiting = _queue.Count;
            borrowed = [.. _borrowed];
        }

        return new CapacityStatistics(total, borrowed.Length, waiting, Array.ConvertAll(borrowed, static place => place.Borrower?.ToString() ?? place.Lease.Holder));
    }

    /// <summary>Borrows a place for nobody in particular, when the turn has come; disposing the lease gives it back.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<AsyncLease> EnterAsync(CancellationToken cancellationToken = default) => BorrowAsync(null, cancellationToken);

    /// <summary>Borrows a place for somebody, when the turn has come; disposing the lease gives it back.</summary>
    /// <param name="borrower">For whom; compared by its own <see cref="object.Equals(object)"/>. Who has a place cannot borrow a second one: that would be a
    /// deadlock waiting for its day. Null for nobody in particular.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">The borrower has a place already, or waits for one.</exception>
    /// <exception cref="LockRecursionException">All places are held by the one who waits, as far as can be seen on a loop: see <see cref="AsyncLock"/>.</exception>
    public ValueTask<AsyncLease> EnterAsync(object? borrower, CancellationToken cancellationToken = default) => BorrowAsync(borrower, cancellationToken);

    /// <summary>Borrows a place if one is free now; disposing the lease gives it back.</summary>
    /// <param name="borrower">For whom, as for <see cref="EnterAsync(object, CancellationToken)"/>; null for no one in particular.</param>
    /// <returns>The lease; null when no place is free or others wait for one.</returns>
    /// <exception cref="InvalidOperationException">The borrower has a place already, or waits for one.</exception>
    public AsyncLease? TryEnter(object? borrower = null)
    {
        lock (_gate)
        {
            if (borrower is not null && _known.Contains(borrower)) throw HasBorrowed(borrower);
            if (_borrowed.Count >= _total || _queue.Count > 0) return null;
            if (borrower is not null) _known.Add(borrower);
            var lease = BorrowLocked(borrower, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand);
            CheckInvariantsLocked();
            return lease;
        }
    }

    string IWaitedFor.Describe()
    {
        var now = GetStatistics();
        return $"capacity limiter {(Name is null ? "" : $"'{Name}' ")}({now.Borrowed} of {now.Total} borrowed, by {string.Join(", ", now.Borrowers)})";
    }

    private async ValueTask<AsyncLease> BorrowAsync(object? borrower, CancellationToken cancellationToken)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return await RefusedWait.Cancel<AsyncLease>(canceled).ConfigureAwait(true);
        var waiter = BorrowOrJoin(borrower, out var lease, out bool isSecond, out bool isSuspect);
        if (isSecond) throw HasBorrowed(borrower!);
        if (waiter is null) return lease!;
        if (isSuspect) SelfWaitWatch.Current!.Look(new AsyncSelfWait(this, $"Capacity limiter{(Name is null ? "" : $" '{Name}'")}", _queue, waiter, AreAll), cancellationToken);
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (AsyncLease)waiter.Load!;
    }

    private Waiter? BorrowOrJoin(object? borrower, out AsyncLease? lease, out bool isSecond, out bool isSuspect)
    {
        lock (_gate)
        {
            lease = null;
            isSuspect = false;
            isSecond = borrower is not null && !_known.Add(borrower);
            if (isSecond) return null;
            if (_borrowed.Count < _total && _queue.Count == 0)
            {
                lease = BorrowLocked(borrower, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand);
                CheckInvariantsLocked();
                return null;
            }

            var waiter = _queue.Join(this);
            waiter.Load = borrower;
            if (SelfWaitWatch.Current is not null)
            {
                object? here = LoopSelfWaits.CodeAtHand;
                isSuspect = _borrowed.TrueForAll(place => ReferenceEquals(place.Lease.Code, here));
            }

            CheckInvariantsLocked();
            return waiter;
        }
    }

    /// <summary>One gave up waiting. Under the gate.</summary>
    private Action? Left(Waiter waiter)
    {
        if (waiter.Load is { } borrower) _known.Remove(borrower);
        CheckInvariantsLocked();
        return null;
    }

    private AsyncLease BorrowLocked(object? borrower, IInspected? task, object? code)
    {
        var lease = new AsyncLease(_release, task, code);
        _borrowed.Add((borrower, lease));
        return lease;
    }

    private List<Waiter> LendLocked()
    {
        List<Waiter> granted = [];
        while (_borrowed.Count < _total && _queue.Take() is { } next)
        {
            next.Load = BorrowLocked(next.Load, next.Task, next.Code);
            granted.Add(next);
        }

        return granted;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_borrowed.Count >= _total || _queue.Count == 0, "nobody waits while a place is free");
        Debug.Assert(_known.Count <= _borrowed.Count + _queue.Count, "who is known has a place or waits for one");
    }

    private InvalidOperationException HasBorrowed(object borrower) =>
        new($"{borrower} has borrowed from capacity limiter {(Name is null ? "" : $"'{Name}' ")}already.");

    /// <summary>Whether these are all places that are taken.</summary>
    private bool AreAll(IReadOnlyCollection<object> holds)
    {
        lock (_gate) return _borrowed.Count > 0 && _borrowed.TrueForAll(place => holds.Contains(place.Lease));
    }

    private void Release(AsyncLease lease)
    {
        List<Waiter> granted;
        lock (_gate)
        {
            int place = _borrowed.FindIndex(place => ReferenceEquals(place.Lease, lease));
            if (_borrowed[place].Borrower is { } borrower) _known.Remove(borrower);
            _borrowed.RemoveAt(place);
            granted = LendLocked();
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }
}
