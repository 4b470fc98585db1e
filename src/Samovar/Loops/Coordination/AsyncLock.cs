using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A lock that is awaited: one holder at a time, in order of arrival. For code on a loop or off it.</summary>
/// <remarks>
/// <para><c>using (await lock.EnterAsync()) { … }</c> The block may await. A waiter that is cancelled, by its token or its enclosing scope, does not
/// delay the others. The lock is not re-entrant. On a loop, a second entry by the holder throws a <see cref="LockRecursionException"/> if a method
/// that has the lease in a <see langword="using"/> awaits that entry, through any number of calls, and the entry has neither a deadline nor its own
/// token; otherwise the holder deadlocks.</para>
/// <para>Code on a single loop that does not await between reading and writing needs no lock. All members are thread-safe.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncLock : IWaitedFor, IInspectedPrimitive
{
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _release;
    private AsyncLease? _lease;
    private AsyncCondition? _notified; // the condition whose notification the holder received, until the holder continues

    /// <summary>Initializes a lock that is not held.</summary>
    /// <param name="name">The lock's name in reports; null for none.</param>
    public AsyncLock(string? name = null)
    {
        Name = name;
        _queue = new AsyncWaitQueue(Gate);
        _release = Release;
        PrimitiveRegistry.Add(this, name);
    }

    /// <summary>Gets the lock's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets whether the lock is held.</summary>
    public bool IsHeld
    {
        get
        {
            lock (Gate) return _lease is not null;
        }
    }

    /// <summary>Gets the number of waiters.</summary>
    public int Waiting
    {
        get
        {
            lock (Gate) return _queue.Count;
        }
    }

    /// <summary>The gate, which also guards the queues of the lock's conditions: a notified waiter moves from one queue to the other in a single
    /// step.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Whether the lock is held. Under the gate.</summary>
    internal bool IsHeldLocked => _lease is not null;

    private string DebuggerText => $"AsyncLock {Name}: {(_lease is null ? "free" : "held")}, {_queue.Count} waiting";

    /// <summary>Acquires the lock, in order of arrival.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease; dispose it to release the lock.</returns>
    /// <exception cref="LockRecursionException">The caller already holds the lock. Detected only on a loop, and not in every case.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    /// <example>
    /// <code>
    /// using (await oven.EnterAsync())
    /// {
    ///     int before = baked;
    ///     await EventLoop.SleepAsync(TimeSpan.FromMinutes(40)); // no other task enters meanwhile
    ///     baked = before + 1;
    /// }
    /// </code>
    /// </example>
    public ValueTask<AsyncLease> EnterAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel<AsyncLease>(canceled);
        Waiter waiter;
        bool isSuspect;
        lock (Gate)
        {
            if (_lease is null)
            {
                _lease = new AsyncLease(_release, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand);
                CheckInvariantsLocked();
                return new ValueTask<AsyncLease>(_lease);
            }

            waiter = _queue.Join(this);
            isSuspect = SelfWaitWatch.Current is not null && ReferenceEquals(_lease.Code, LoopSelfWaits.CodeAtHand);
            CheckInvariantsLocked();
        }

        if (isSuspect) SelfWaitWatch.Current!.Look(new AsyncSelfWait(this, $"Lock{(Name is null ? "" : $" '{Name}'")}", _queue, waiter, static holds => holds.Count > 0), cancellationToken);
        return new ValueTask<AsyncLease>(EnterInTurnAsync(waiter, cancellationToken));
    }

    /// <summary>Acquires the lock if it is free now.</summary>
    /// <returns>The lease, or null if the lock is held.</returns>
    public AsyncLease? TryEnter()
    {
        lock (Gate) return _lease is null ? _lease = new AsyncLease(_release, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand) : null;
    }

    /// <summary>Returns a snapshot of the lock: whether it is free, its holder, and the number of waiters.</summary>
    /// <returns>The snapshot.</returns>
    public AsyncLockStatistics GetStatistics()
    {
        lock (Gate) return new AsyncLockStatistics(_lease is null ? 1 : 0, _queue.Count, _lease?.Holder);
    }

    /// <summary>Returns whether <paramref name="lease"/> holds the lock.</summary>
    internal bool IsHeldBy(AsyncLease lease)
    {
        lock (Gate) return ReferenceEquals(_lease, lease);
    }

    /// <summary>Releases the lock on behalf of its holder, which waits for a condition. Under the gate. Returns false if the lease does not hold the
    /// lock.</summary>
    /// <param name="lease">The holder's lease, which acquires the lock again later.</param>
    /// <param name="giveUp">The condition's method, which is called if the lease is disposed meanwhile.</param>
    /// <param name="granted">The waiters that continue now; the caller grants all of them.</param>
    internal bool TrySuspendLocked(AsyncLease lease, Action<AsyncLease> giveUp, out Waiter? granted)
    {
        granted = null;
        if (!ReferenceEquals(_lease, lease) || !lease.TrySuspend(giveUp)) return false;
        granted = PassOnLocked();
        return true;
    }

    /// <summary>Queues a waiter that a condition has notified. Under the gate, while the lock is held or is being passed on.</summary>
    internal void AdoptLocked(Waiter waiter) => _queue.Adopt(waiter);

    /// <summary>Called when a notified waiter has acquired the lock. Returns false if its lease was disposed before; the notification then passes to
    /// the next waiter.</summary>
    internal bool TryGoOn(AsyncLease lease)
    {
        lock (Gate)
        {
            if (!ReferenceEquals(_lease, lease) || !lease.IsOf(this)) return false; // the lease was disposed, and its release is under way
            _notified = null;
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>Acquires the lock again for a waiter whose wait for a condition was cancelled. Not cancellable. Returns at once, without the lock, if
    /// the lease was disposed meanwhile.</summary>
    internal async Task EnterAgainAsync(AsyncLease lease)
    {
        Waiter waiter;
        lock (Gate)
        {
            if (!lease.IsSuspended) return;
            if (_lease is null)
            {
                if (lease.TryResume(_release)) _lease = lease;
                CheckInvariantsLocked();
                return;
            }

            waiter = _queue.Join(this);
            waiter.IsBound = true;
            waiter.Load = lease;
            CheckInvariantsLocked();
        }

        await waiter.End.ConfigureAwait(true);
    }

    string IWaitedFor.Describe()
    {
        lock (Gate) return $"lock {(Name is null ? "" : $"'{Name}' ")}({(_lease is { } lease ? $"held by {lease.Holder}" : "free")})";
    }

    PrimitiveActivity IInspectedPrimitive.CapturePrimitive()
    {
        lock (Gate)
        {
            return new PrimitiveActivity("lock", Name, _lease is null ? "free" : "held")
            {
                Holders = _lease is { } lease ? [lease.Holder] : [],
                Waiting = _queue.Count,
                Hold = _lease,
            };
        }
    }

    private static async Task<AsyncLease> EnterInTurnAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (AsyncLease)waiter.Load!;
    }

    private void Release(AsyncLease lease)
    {
        Waiter? granted;
        lock (Gate)
        {
            Debug.Assert(ReferenceEquals(_lease, lease), "only the lease that holds the lock releases it");
            granted = PassOnLocked();
        }

        granted?.GrantAll();
    }

    /// <summary>Passes the lock to the first waiter: with the lease that it had before it waited for a condition, or with a new one. Waiters whose
    /// lease was disposed meanwhile leave the queue without the lock. If a holder was notified but does not continue, the notification passes to the
    /// next waiter of the condition.</summary>
    /// <returns>All waiters that continue, linked.</returns>
    private Waiter? PassOnLocked()
    {
        Waiter? granted = null;
        _notified?.NotifyLocked(1, ref granted); // the holder released the lock before it continued
        _lease = null;
        _notified = null;
        while (_lease is null && _queue.Take() is { } next)
        {
            if (next.Load is AsyncLease own) ResumeLocked(own, AsyncCondition.NotifierOf(next), ref granted);
            else _lease = new AsyncLease(_release, next.Task, next.Code);
            next.Load = _lease;
            next.Next = granted;
            granted = next;
        }

        CheckInvariantsLocked();
        return granted;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_lease is not null || _queue.Count == 0, "a free lock has no waiters");
        Debug.Assert(_lease is not null || _notified is null, "only a holder has a notification");
    }

    private void ResumeLocked(AsyncLease own, AsyncCondition? notifier, ref Waiter? granted)
    {
        if (own.TryResume(_release))
        {
            _lease = own;
            _notified = notifier;
        }
        else
        {
            notifier?.NotifyLocked(1, ref granted);
        }
    }
}
