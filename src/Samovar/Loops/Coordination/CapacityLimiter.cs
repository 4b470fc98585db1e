using System.Diagnostics;
using Samovar.Loops;

namespace Samovar;

/// <summary>Bounds how many do something at the same time, and knows who they are. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class CapacityLimiter : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly WaitLine _line;
    private readonly List<(object? Borrower, AsyncLease Lease)> _borrowed = [];
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
        _line = new WaitLine(_gate);
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
                granted = LendUnderGate();
            }

            foreach (var waiter in granted) waiter.Grant();
        }
    }

    private string DebuggerText => $"CapacityLimiter {Name}: {_borrowed.Count} of {_total} borrowed, {_line.Count} waiting";

    /// <summary>A snapshot.</summary>
    public CapacityStatistics GetStatistics()
    {
        lock (_gate) return new CapacityStatistics(_total, _borrowed.Count, _line.Count, [.. _borrowed.Select(static place => NameOf(place))]);
    }

    /// <summary>Borrows a place when the turn has come; disposing the lease gives it back.</summary>
    /// <param name="borrower">For whom. Who has a place cannot borrow a second one: that would be a deadlock waiting for its day. Null for nobody in particular.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">The borrower has a place already, or waits for one.</exception>
    public async ValueTask<AsyncLease> EnterAsync(object? borrower = null, CancellationToken cancellationToken = default)
    {
        if (WaitLine.CanceledBy(cancellationToken) is { } canceled) throw new OperationCanceledException(canceled);
        Waiter waiter;
        lock (_gate)
        {
            RefuseSecondUnderGate(borrower);
            if (_borrowed.Count < _total && _line.Count == 0) return BorrowUnderGate(borrower, AmbientFrame.Current?.Task);
            waiter = _line.Join(this);
            waiter.Load = borrower;
        }

        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (AsyncLease)waiter.Load!;
    }

    string IWaitedFor.Describe()
    {
        var now = GetStatistics();
        return $"capacity limiter {(Name is null ? "" : $"'{Name}' ")}({now.Borrowed} of {now.Total} borrowed, by {string.Join(", ", now.Borrowers)})";
    }

    private static string NameOf((object? Borrower, AsyncLease Lease) place) => place.Borrower?.ToString() ?? place.Lease.Holder;

    private void RefuseSecondUnderGate(object? borrower)
    {
        if (borrower is null) return;
        bool isKnown = _borrowed.Exists(place => ReferenceEquals(place.Borrower, borrower));
        for (var waiter = _line.First; waiter is not null && !isKnown; waiter = waiter.Next) isKnown = ReferenceEquals(waiter.Load, borrower);
        if (isKnown) throw new InvalidOperationException($"{borrower} has borrowed from capacity limiter {(Name is null ? "" : $"'{Name}' ")}already.");
    }

    private AsyncLease BorrowUnderGate(object? borrower, GroupTask? task)
    {
        var lease = new AsyncLease(_release, task);
        _borrowed.Add((borrower, lease));
        return lease;
    }

    private List<Waiter> LendUnderGate()
    {
        List<Waiter> granted = [];
        while (_borrowed.Count < _total && _line.Take() is { } next)
        {
            next.Load = BorrowUnderGate(next.Load, next.Task);
            granted.Add(next);
        }

        return granted;
    }

    private void Release(AsyncLease lease)
    {
        List<Waiter> granted;
        lock (_gate)
        {
            _borrowed.RemoveAll(place => ReferenceEquals(place.Lease, lease));
            granted = LendUnderGate();
        }

        foreach (var waiter in granted) waiter.Grant();
    }
}
