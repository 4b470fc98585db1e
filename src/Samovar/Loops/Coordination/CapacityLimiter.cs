using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Limits how many borrowers hold a slot at the same time, and reports who they are. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class CapacityLimiter : IWaitedFor, IInspectedPrimitive
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private readonly List<(object? Borrower, AsyncLease Lease)> _borrowed = [];
    private readonly HashSet<object> _known = []; // borrowers that hold a slot or wait for one
    private readonly Action<AsyncLease> _release;
    private int _total;

    /// <summary>Initializes a limiter whose slots are all free.</summary>
    /// <param name="total">The number of slots; at least 1.</param>
    /// <param name="name">The limiter's name in reports; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="total"/> is less than 1.</exception>
    public CapacityLimiter(int total, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        _total = total;
        Name = name;
        _queue = new AsyncWaitQueue(_gate, Left);
        _release = Release;
        PrimitiveRegistry.Add(this, name);
    }

    /// <summary>Gets the limiter's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets or sets the number of slots. An increase takes effect immediately, a decrease as slots are released.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
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

    /// <summary>Gets the number of waiters.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    private string DebuggerText => $"CapacityLimiter {Name}: {_borrowed.Count} of {_total} borrowed, {_queue.Count} waiting";

    /// <summary>Returns a snapshot of the limiter: its slots, its borrowers, and the number of waiters.</summary>
    /// <returns>The snapshot.</returns>
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

    /// <summary>Borrows a slot for an unspecified borrower, in order of arrival. Disposing the lease releases it.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="LockRecursionException">The caller already holds all slots. Detected only on a loop, and not in every case: see
    /// <see cref="AsyncLock"/>.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask<AsyncLease> EnterAsync(CancellationToken cancellationToken = default) => BorrowAsync(null, cancellationToken);

    /// <summary>Borrows a slot for a borrower, in order of arrival. Disposing the lease releases it.</summary>
    /// <param name="borrower">The borrower, compared by <see cref="object.Equals(object)"/>. A borrower that holds a slot cannot borrow a second one,
    /// because that could deadlock. Null for an unspecified borrower.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="InvalidOperationException">The borrower already holds a slot or waits for one.</exception>
    /// <exception cref="LockRecursionException">The caller already holds all slots. Detected only on a loop, and not in every case: see
    /// <see cref="AsyncLock"/>.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask<AsyncLease> EnterAsync(object? borrower, CancellationToken cancellationToken = default) => BorrowAsync(borrower, cancellationToken);

    /// <summary>Borrows a slot if one is free now. Disposing the lease releases it.</summary>
    /// <param name="borrower">The borrower, as for <see cref="EnterAsync(object, CancellationToken)"/>; null for an unspecified borrower.</param>
    /// <returns>The lease, or null if no slot is free or other callers wait for one.</returns>
    /// <exception cref="InvalidOperationException">The borrower already holds a slot or waits for one.</exception>
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

    PrimitiveActivity IInspectedPrimitive.CapturePrimitive()
    {
        lock (_gate)
        {
            int free = Math.Max(0, _total - _borrowed.Count);
            return new PrimitiveActivity("limiter", Name, free == 0 ? "empty" : "free")
            {
                Count = free,
                Capacity = _total,
                Holders = [.. _borrowed.Select(static place => place.Borrower as string ?? place.Lease.Holder)], // no code of the program under the gate
                Waiting = _queue.Count,
            };
        }
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

    /// <summary>Called when a waiter has left the queue without a slot. Under the gate.</summary>
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
        Debug.Assert(_borrowed.Count >= _total || _queue.Count == 0, "no caller waits while a slot is free");
        Debug.Assert(_known.Count <= _borrowed.Count + _queue.Count, "each known borrower holds a slot or waits for one");
    }

    private InvalidOperationException HasBorrowed(object borrower) =>
        new($"Borrower '{borrower}' already holds a slot of capacity limiter {(Name is null ? "" : $"'{Name}' ")}or waits for one. " +
            "Dispose its lease before it borrows again.");

    /// <summary>Returns whether the given leases hold all slots that are borrowed.</summary>
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
