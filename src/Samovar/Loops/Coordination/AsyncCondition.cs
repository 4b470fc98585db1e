using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A condition that is awaited while holding a lock, until another task changes what the lock protects. For code on a loop or off
/// it.</summary>
/// <remarks>All members are thread-safe; those whose documentation says so require the lock.</remarks>
[DebuggerDisplay("AsyncCondition {Name}: {Waiting} waiting")]
public sealed class AsyncCondition
{
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _giveUp;

    /// <summary>Initializes a condition that belongs to a lock.</summary>
    /// <param name="lock">The lock.</param>
    /// <param name="name">The condition's name in reports; null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="lock"/> is null.</exception>
    public AsyncCondition(AsyncLock @lock, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(@lock);
        Lock = @lock;
        Name = name;
        _queue = new AsyncWaitQueue(@lock.Gate);
        _giveUp = GiveUp;
    }

    /// <summary>Gets the condition's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets the lock that the condition belongs to.</summary>
    public AsyncLock Lock { get; }

    /// <summary>Gets the number of waiters.</summary>
    public int Waiting
    {
        get
        {
            lock (Lock.Gate) return _queue.Count;
        }
    }

    /// <summary>Releases the lock, waits for a notification, and acquires the lock again.</summary>
    /// <remarks>Whether the wait succeeds or is cancelled, the same lease holds the lock again. Other code may have changed the state again
    /// before the lock was acquired: wait in a loop, or use the overload with a condition. If the lease is disposed during the wait, for example
    /// because the wait was abandoned by <see cref="Task.WaitAsync(TimeSpan)"/>, it does not acquire the lock again, and the wait fails with an error
    /// that counts as observed. Prefer a token or a scope.</remarks>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the condition was notified and the lock is held again.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> is null.</exception>
    /// <exception cref="SynchronizationLockException">The lease does not hold this condition's lock, or was disposed during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
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
            // The waiter has left the condition's queue, but a notified waiter has been moved to the lock's queue and stays there until its turn.
            await Lock.EnterAgainAsync(lease).ConfigureAwait(true);
            throw;
        }

        if (!Lock.TryGoOn(lease)) throw AbandonedWait.Error();
    }

    /// <summary>Waits until a condition is true.</summary>
    /// <remarks>Whether the wait succeeds or is cancelled, the same lease holds the lock again.</remarks>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="condition">The condition. It is evaluated under the lock, first immediately and then after each notification.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the condition is true and the lock is held.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="SynchronizationLockException">The lease does not hold this condition's lock, or was disposed during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    [AsyncMethodBuilder(typeof(AbandonableWaitBuilder))]
    public async Task WaitAsync(AsyncLease lease, Func<bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(condition);
        if (!Lock.IsHeldBy(lease)) throw NoHold();
        while (!condition()) await WaitAsync(lease, cancellationToken).ConfigureAwait(true);
    }

    /// <summary>Notifies the waiters that have waited the longest. Each continues when it has acquired the lock.</summary>
    /// <param name="count">The maximum number of waiters to notify; at least 1. The default is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="SynchronizationLockException"><see cref="Lock"/> is not held.</exception>
    public void Notify(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Waiter? gone = null;
        lock (Lock.Gate)
        {
            if (!Lock.IsHeldLocked)
                throw new SynchronizationLockException("The condition's lock is not held. Notify while holding it, after changing what it protects.");

            NotifyLocked(count, ref gone);
        }

        gone?.GrantAll();
    }

    /// <summary>Notifies all current waiters.</summary>
    /// <inheritdoc cref="Notify" path="/exception"/>
    public void NotifyAll() => Notify(int.MaxValue);

    /// <summary>Returns the condition whose notification moved a waiter to the lock's queue; null for other waiters in that queue.</summary>
    internal static AsyncCondition? NotifierOf(Waiter waiter) => (waiter.WaitedFor as Notice)?.Condition;

    /// <summary>Moves the waiters that have waited the longest to the lock's queue. Under the gate.</summary>
    /// <param name="count">The maximum number of waiters to move.</param>
    /// <param name="gone">A linked list to which waiters with a disposed lease are prepended; the caller grants all of them.</param>
    internal void NotifyLocked(int count, ref Waiter? gone)
    {
        while (count > 0 && _queue.Take() is { } next)
        {
            if (next.Load is AsyncLease { IsSuspended: true })
            {
                // The waiter keeps the notification whatever is cancelled later. If its lease is disposed before it continues, the notification
                // passes to the next.
                Lock.AdoptLocked(next);
                count--;
                continue;
            }

            // The lease is being disposed concurrently: the waiter cannot acquire the lock, and must not consume a notification.
            next.Next = gone;
            gone = next;
        }
    }

    /// <summary>Completes the wait of a lease that was disposed during it. A waiter that was notified before is in the lock's queue, and leaves it when
    /// its turn comes.</summary>
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

    private static SynchronizationLockException NoHold() => new("The lease does not hold the condition's lock, or it was disposed.");

    /// <summary>Describes what a waiter waits for: the notification, and then its turn in the lock's queue.</summary>
    private sealed class Notice(AsyncCondition condition) : IWaitedFor
    {
        public AsyncCondition Condition => condition;

        public Waiter? Waiter { get; set; }

        public string Describe() => Waiter is { IsBound: true }
            ? ((IWaitedFor)condition.Lock).Describe()
            : $"condition {(condition.Name is null ? "" : $"'{condition.Name}' ")}(not notified)";
    }
}
