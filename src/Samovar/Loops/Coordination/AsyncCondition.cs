using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Waits, inside a lock, for others to change what the lock protects. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe; those that say so need the lock.</remarks>
[DebuggerDisplay("AsyncCondition {Name}: {Waiting} waiting")]
public sealed class AsyncCondition
{
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _giveUp;

    /// <summary>Makes one that belongs to a lock.</summary>
    /// <param name="lock">The lock.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentNullException"><paramref name="lock"/> is null.</exception>
    public AsyncCondition(AsyncLock @lock, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(@lock);
        Lock = @lock;
        Name = name;
        _queue = new AsyncWaitQueue(@lock.Gate);
        _giveUp = GiveUp;
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>The lock it belongs to.</summary>
    public AsyncLock Lock { get; }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (Lock.Gate) return _queue.Count;
        }
    }

    /// <summary>Leaves the lock, waits to be notified, and enters the lock again.</summary>
    /// <remarks>However the wait ends, also by cancellation, the lock is held again by the same lease. Others may have changed things again before the lock was
    /// entered: wait in a loop, or with a condition. A lease that is disposed of during the wait, as where the wait was given up by
    /// <see cref="Task.WaitAsync(TimeSpan)"/>, enters no more, and its wait ends with an error that counts as observed: prefer a token or a scope.</remarks>
    /// <param name="lease">The one that holds the lock.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SynchronizationLockException">The lease does not hold this condition's lock, or was disposed of during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token or the scope around tripped.</exception>
    [AsyncMethodBuilder(typeof(AbandonableWaitBuilder))]
    public async Task WaitAsync(AsyncLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        if (!Lock.IsHeldBy(lease)) throw NoHold();
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) await RefusedWait.Cancel(canceled).ConfigureAwait(true);
        Waiter waiter;
        Waiter? granted;
        lock (Lock.Gate)
        {
            if (!Lock.TrySuspendLocked(lease, _giveUp, out granted)) throw NoHold();
            var notice = new Notice(this);
            waiter = notice.Waiter = _queue.Join(notice);
            waiter.Load = lease;
        }

        granted?.GrantAll();
        try
        {
            await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        }
        catch (OperationCanceledException)
        {
            // It has left the condition's line, and not the lock's: one that was notified stays there to the end.
            await Lock.EnterAgainAsync(lease).ConfigureAwait(true);
            throw;
        }

        if (!Lock.TryGoOn(lease)) throw AbandonedWait.Error();
    }

    /// <summary>Waits as often as it takes until a condition holds.</summary>
    /// <remarks>However the wait ends, the lock is held again by the same lease.</remarks>
    /// <param name="lease">The one that holds the lock.</param>
    /// <param name="condition">Asked under the lock, at once and after each notification.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="SynchronizationLockException">The lease does not hold this condition's lock, or was disposed of during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token or the scope around tripped.</exception>
    [AsyncMethodBuilder(typeof(AbandonableWaitBuilder))]
    public async Task WaitAsync(AsyncLease lease, Func<bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(condition);
        if (!Lock.IsHeldBy(lease)) throw NoHold();
        while (!condition()) await WaitAsync(lease, cancellationToken).ConfigureAwait(true);
    }

    /// <summary>Lets those who have waited for the longest go on, each when it has the lock.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    /// <exception cref="SynchronizationLockException"><see cref="Lock"/> is not held.</exception>
    public void Notify(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Waiter? gone = null;
        lock (Lock.Gate)
        {
            if (!Lock.IsHeldLocked)
                throw new SynchronizationLockException("A condition is notified by who holds its lock: what changed and the notice of it belong together.");

            NotifyLocked(count, ref gone);
        }

        gone?.GrantAll();
    }

    /// <summary>Lets all go on that wait now.</summary>
    /// <inheritdoc cref="Notify" path="/exception"/>
    public void NotifyAll() => Notify(int.MaxValue);

    /// <summary>The condition that has sent one into the lock's line by a notification; null for others in that line.</summary>
    internal static AsyncCondition? NotifierOf(Waiter waiter) => (waiter.WaitedFor as Notice)?.Condition;

    /// <summary>Those who have waited for the longest go into the lock's line. Under the gate.</summary>
    /// <param name="count">How many.</param>
    /// <param name="gone">Those whose wait ends with nothing, linked before these; the caller grants all of them.</param>
    internal void NotifyLocked(int count, ref Waiter? gone)
    {
        while (count > 0 && _queue.Take() is { } next)
        {
            if (next.Load is AsyncLease { IsSuspended: true })
            {
                // The notification is its own whatever is cancelled meanwhile; it goes to the next where the lease is disposed of before it goes on.
                Lock.AdoptLocked(next);
                count--;
                continue;
            }

            // Its lease is disposed of at this moment: it cannot enter, and takes no notification from the others.
            next.Next = gone;
            gone = next;
        }
    }

    /// <summary>A lease was disposed of while it waited here: its wait ends. One that was notified before stands in the lock's line, and leaves that in its turn.</summary>
    private void GiveUp(AsyncLease lease)
    {
        Waiter? waiter;
        lock (Lock.Gate)
        {
            for (waiter = _queue.First; waiter is not null && !ReferenceEquals(waiter.Load, lease);) waiter = waiter.Next;
            if (waiter is null) return;
            _queue.Take(waiter);
        }

        waiter.Grant();
    }

    private static SynchronizationLockException NoHold() => new("The lease is no hold on the condition's lock, or was given back.");

    /// <summary>What one of them waits for: to be notified, and then its turn in the lock.</summary>
    private sealed class Notice(AsyncCondition condition) : IWaitedFor
    {
        public AsyncCondition Condition => condition;

        public Waiter? Waiter { get; set; }

        public string Describe() => Waiter is { IsBound: true }
            ? ((IWaitedFor)condition.Lock).Describe()
            : $"condition {(condition.Name is null ? "" : $"'{condition.Name}' ")}(not notified)";
    }
}
