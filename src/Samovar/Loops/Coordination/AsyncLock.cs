using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A lock that is awaited: one holder at a time, in order of arrival. For code on a loop or off it.</summary>
/// <remarks>
/// <para><c>using (await lock.EnterAsync()) { … }</c> The block may await. Who is cancelled while waiting, by the token or the scope around it, holds up nobody.
/// It cannot be entered again by its holder. On a loop that ends with a <see cref="LockRecursionException"/>, where a method that has the lease in a
/// <see langword="using"/> awaits, over however many calls, the second entry, without a limit or a token of its own; otherwise the holder waits for itself.</para>
/// <para>Code on one loop that does not await between reading and writing needs none. All members are thread-safe.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncLock : IWaitedFor
{
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _release;
    private AsyncLease? _lease;
    private AsyncCondition? _notified; // whose notification the holder has had, until it goes on with it

    /// <summary>Makes one.</summary>
    /// <param name="name">Its name in reports.</param>
    public AsyncLock(string? name = null)
    {
        Name = name;
        _queue = new AsyncWaitQueue(Gate);
        _release = Release;
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>Whether somebody holds it.</summary>
    public bool IsHeld
    {
        get
        {
            lock (Gate) return _lease is not null;
        }
    }

    /// <summary>How many wait for it.</summary>
    public int Waiting
    {
        get
        {
            lock (Gate) return _queue.Count;
        }
    }

    /// <summary>Its conditions' lines are under it too: who is notified goes from the one line into the other in one step.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Whether it is held. Under the gate.</summary>
    internal bool IsHeldLocked => _lease is not null;

    private string DebuggerText => $"AsyncLock {Name}: {(_lease is null ? "free" : "held")}, {_queue.Count} waiting";

    /// <summary>Enters when its turn has come.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What leaves it again.</returns>
    /// <exception cref="LockRecursionException">The holder waits for itself, as far as can be seen on a loop.</exception>
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

    /// <summary>Enters if it is free now; null otherwise.</summary>
    public AsyncLease? TryEnter()
    {
        lock (Gate) return _lease is null ? _lease = new AsyncLease(_release, AmbientFrame.Current?.Task, LoopSelfWaits.CodeAtHand) : null;
    }

    /// <summary>Returns a snapshot of the lock: whether it is free, its holder, and how many wait.</summary>
    public AsyncLockStatistics GetStatistics()
    {
        lock (Gate) return new AsyncLockStatistics(_lease is null ? 1 : 0, _queue.Count, _lease?.Holder);
    }

    /// <summary>Whether this lease is the one that holds the lock.</summary>
    internal bool IsHeldBy(AsyncLease lease)
    {
        lock (Gate) return ReferenceEquals(_lease, lease);
    }

    /// <summary>Its holder leaves it to wait for a condition. Under the gate. False: this lease does not hold it.</summary>
    /// <param name="lease">The holder's, which enters again with it.</param>
    /// <param name="giveUp">The condition's, called where the lease is disposed of meanwhile.</param>
    /// <param name="granted">Who goes on now; the caller grants all of them.</param>
    internal bool TrySuspendLocked(AsyncLease lease, Action<AsyncLease> giveUp, out Waiter? granted)
    {
        granted = null;
        if (!ReferenceEquals(_lease, lease) || !lease.TrySuspend(giveUp)) return false;
        granted = PassOnLocked();
        return true;
    }

    /// <summary>A waiter that a condition has released enters again in its turn. Under the gate, while it is held or is being passed on.</summary>
    internal void AdoptLocked(Waiter waiter) => _queue.Adopt(waiter);

    /// <summary>A waiter that a condition has released goes on. False: its lease was disposed of before, and the notification is the next one's.</summary>
    internal bool TryGoOn(AsyncLease lease)
    {
        lock (Gate)
        {
            if (!ReferenceEquals(_lease, lease) || !lease.IsOf(this)) return false; // not its own by now: on its way to be released
            _notified = null;
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>One that has given up waiting for a condition enters again in its turn, whatever trips; at once, and with nothing, where its lease was disposed of meanwhile.</summary>
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
        lock (Gate) return $"lock {(Name is null ? "" : $"'{Name}' ")}(held by {_lease?.Holder ?? "nobody"})";
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
            Debug.Assert(ReferenceEquals(_lease, lease), "a lease that holds nothing releases nothing");
            granted = PassOnLocked();
        }

        granted?.GrantAll();
    }

    /// <summary>The next in line has it, with the lease that it left to wait for a condition, or a new one. Those whose lease was disposed of meanwhile leave the line without it.
    /// Where one was notified, and does not go on with the lock, the next who waits for the condition has the notification.</summary>
    /// <returns>All that go on, linked.</returns>
    private Waiter? PassOnLocked()
    {
        Waiter? granted = null;
        _notified?.NotifyLocked(1, ref granted); // left before its holder went on
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
        Debug.Assert(_lease is not null || _queue.Count == 0, "nobody waits while it is free");
        Debug.Assert(_lease is not null || _notified is null, "only a holder has been notified");
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
