using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Lets in as many as it has places, in order of arrival. For code on a loop or off it.</summary>
/// <remarks><see cref="SemaphoreSlim"/> does this too for those that await, but obeys no scope and does not say in reports who waits for it. All members are
/// thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncSemaphore : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _return;
    private int _count;
    private AsyncLease? _only; // gate: the lease that is out, where there is one place
    private bool _hasOnlyLeases = true; // gate: no place was given back but by a lease

    /// <summary>Makes one.</summary>
    /// <param name="initialCount">Places at the beginning; zero or more.</param>
    /// <param name="maxCount">More than these are never free; null for no bound.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or a bound below it or below 1.</exception>
    public AsyncSemaphore(int initialCount, int? maxCount = null, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        if (maxCount is { } most) ArgumentOutOfRangeException.ThrowIfLessThan(most, Math.Max(1, initialCount), nameof(maxCount));
        _count = initialCount;
        _return = Return;
        MaxCount = maxCount ?? int.MaxValue;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>The most places that can be free.</summary>
    public int MaxCount { get; }

    /// <summary>Places that are free.</summary>
    public int CurrentCount
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    private string DebuggerText => $"AsyncSemaphore {Name}: {_count} free, {_queue.Count} waiting";

    /// <summary>Takes a place when the turn has come; <see cref="Release"/> gives it back.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel(canceled);
        Waiter waiter;
        bool isSuspect;
        lock (_gate)
        {
            if (_count > 0)
            {
                _count--;
                CheckInvariantsLocked();
                return ValueTask.CompletedTask;
            }

            waiter = _queue.Join(this);
            isSuspect = _only is { } only && SelfWaitWatch.Current is not null && ReferenceEquals(only.Code, LoopSelfWaits.CodeAtHand);
            CheckInvariantsLocked();
        }

        if (isSuspect) SelfWaitWatch.Current!.Look(new AsyncSelfWait(this, $"Semaphore{(Name is null ? "" : $" '{Name}'")}", _queue, waiter, AreAll), cancellationToken);
        return new ValueTask(waiter.WaitAsync(cancellationToken));
    }

    /// <summary>Takes a place when the turn has come; disposing the lease gives it back.</summary>
    /// <exception cref="LockRecursionException"><see cref="MaxCount"/> is 1, <see cref="Release"/> was never called, and the holder of the place waits for itself, as far as can be seen on
    /// a loop: see <see cref="AsyncLock"/>.</exception>
    public async ValueTask<AsyncLease> EnterAsync(CancellationToken cancellationToken = default)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(true);
        return NewLease();
    }

    /// <summary>Takes a place if one is free now; disposing the lease gives it back.</summary>
    /// <returns>The lease; null when no place is free.</returns>
    public AsyncLease? TryEnter() => TryWait() ? NewLease() : null;

    /// <summary>Takes a place if one is free now.</summary>
    public bool TryWait()
    {
        lock (_gate)
        {
            if (_count == 0) return false;
            _count--;
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>Gives places back, to those who wait first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    /// <exception cref="SemaphoreFullException">More would be free than the bound says; nothing was given back.</exception>
    public void Release(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        List<Waiter> granted;
        lock (_gate)
        {
            granted = ReleaseLocked(count);
            _hasOnlyLeases = false;
            _only = null;
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }

    /// <summary>Returns a snapshot of the semaphore: free places, how many wait, and the holder of an only place.</summary>
    public AsyncLockStatistics GetStatistics()
    {
        lock (_gate) return new AsyncLockStatistics(_count, _queue.Count, _only?.Holder);
    }

    private AsyncLease NewLease()
    {
        var lease = new AsyncLease(_return, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand);
        if (MaxCount == 1)
        {
            lock (_gate)
            {
                _only = _hasOnlyLeases ? lease : null;
                CheckInvariantsLocked();
            }
        }

        return lease;
    }

    private void Return(AsyncLease lease)
    {
        List<Waiter> granted;
        lock (_gate)
        {
            if (ReferenceEquals(_only, lease)) _only = null;
            granted = ReleaseLocked(1);
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }

    /// <summary>Gives places back. Under the gate.</summary>
    /// <returns>Who has them now; the caller grants.</returns>
    private List<Waiter> ReleaseLocked(int count)
    {
        if (count - (long)_queue.Count + _count > MaxCount) throw new SemaphoreFullException();
        List<Waiter> granted = [];
        for (; count > 0 && _queue.Take() is { } next; count--) granted.Add(next);
        _count += count;
        return granted;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_count >= 0 && _count <= MaxCount, "not more places are free than there are");
        Debug.Assert(_count == 0 || _queue.Count == 0, "nobody waits while a place is free");
        Debug.Assert(_only is null || (MaxCount == 1 && _hasOnlyLeases && _count == 0), "the lease of an only place is known while it is taken, and no other code gives it back");
    }

    /// <summary>Whether these hold the one place, and no other code gives places back.</summary>
    private bool AreAll(IReadOnlyCollection<object> holds)
    {
        lock (_gate) return _only is { } only && holds.Contains(only);
    }

    string IWaitedFor.Describe() => $"semaphore {(Name is null ? "" : $"'{Name}' ")}(no place free)";
}
