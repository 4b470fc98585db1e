using System.Diagnostics;
using Samovar.Loops;

namespace Samovar;

/// <summary>Waits, inside a lock, for others to change what the lock protects. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe; those that say so need the lock.</remarks>
[DebuggerDisplay("AsyncCondition {Name}: {Waiting} waiting")]
public sealed class AsyncCondition
{
    private readonly WaitLine _line;

    /// <summary>Makes one that belongs to a lock.</summary>
    /// <param name="lock">The lock.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentNullException"><paramref name="lock"/> is null.</exception>
    public AsyncCondition(AsyncLock @lock, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(@lock);
        Lock = @lock;
        Name = name;
        _line = new WaitLine(@lock.Gate);
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
            lock (Lock.Gate) return _line.Count;
        }
    }

    /// <summary>Leaves the lock, waits to be notified, and enters the lock again.</summary>
    /// <remarks>Others may have changed things again before the lock was entered: wait in a loop, or with a condition.</remarks>
    /// <param name="lease">The one that holds the lock. It is over with this call.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new lease.</returns>
    /// <exception cref="ArgumentException">The lease does not hold this condition's lock.</exception>
    /// <exception cref="OperationCanceledException">The token or the scope around tripped: the caller does not hold the lock.</exception>
    public async Task<AsyncLease> WaitAsync(AsyncLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        if (!Lock.IsHeldBy(lease)) throw new ArgumentException("The lease does not hold the lock of this condition.", nameof(lease));
        Waiter waiter;
        lock (Lock.Gate)
        {
            var waited = new Notice(this);
            waiter = waited.Waiter = _line.Join(waited);
        }

        lease.Dispose();
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (AsyncLease)waiter.Load!;
    }

    /// <summary>Waits as often as it takes until a condition holds.</summary>
    /// <param name="lease">The one that holds the lock. It is over with this call.</param>
    /// <param name="condition">Asked under the lock, at once and after each notification.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The lease under which the condition holds.</returns>
    /// <exception cref="ArgumentException">The lease does not hold this condition's lock.</exception>
    /// <exception cref="OperationCanceledException">The token or the scope around tripped: the caller does not hold the lock.</exception>
    public async Task<AsyncLease> WaitAsync(AsyncLease lease, Func<bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(condition);
        if (!Lock.IsHeldBy(lease)) throw new ArgumentException("The lease does not hold the lock of this condition.", nameof(lease));
        try
        {
            while (!condition()) lease = await WaitAsync(lease, cancellationToken).ConfigureAwait(true);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets those who have waited for the longest go on, each when it has the lock.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public void Notify(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Waiter? entered = null;
        lock (Lock.Gate)
        {
            for (; count > 0 && _line.Take() is { } next; count--)
            {
                // The notification is used up: it stays in the lock's line whatever is cancelled meanwhile.
                if (Lock.AdoptUnderGate(next)) entered = next;
            }
        }

        entered?.Grant();
    }

    /// <summary>Lets all go on that wait now.</summary>
    public void NotifyAll() => Notify(int.MaxValue);

    /// <summary>What one of them waits for: to be notified, and then its turn in the lock.</summary>
    private sealed class Notice(AsyncCondition condition) : IWaitedFor
    {
        public Waiter? Waiter { get; set; }

        public string Describe() => Waiter is { IsBound: true }
            ? ((IWaitedFor)condition.Lock).Describe()
            : $"condition {(condition.Name is null ? "" : $"'{condition.Name}' ")}(not notified)";
    }
}
