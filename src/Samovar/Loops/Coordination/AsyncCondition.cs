using System.Diagnostics;
using Samovar.Loops;

namespace Samovar;

/// <summary>Waits, inside a lock, for others to change what the lock protects. For code on a loop or off it.</summary>
/// <remarks>All members are thread-safe; those that say so need the lock.</remarks>
[DebuggerDisplay("AsyncCondition {Name}: {Waiting} waiting")]
public sealed class AsyncCondition : IWaitedFor
{
    private readonly Lock _gate = new();
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
        _line = new WaitLine(_gate);
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
            lock (_gate) return _line.Count;
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
        lock (_gate) waiter = _line.Join(this);
        lease.Dispose();
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);

        // Notified: the notification is used up, so the lock is entered whatever is cancelled meanwhile.
        return await CancelScope.ShieldAsync(() => Lock.EnterAsync(CancellationToken.None).AsTask()).ConfigureAwait(true);
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
        List<Waiter> notified = [];
        lock (_gate)
        {
            for (; count > 0 && _line.Take() is { } next; count--) notified.Add(next);
        }

        foreach (var waiter in notified) waiter.Grant();
    }

    /// <summary>Lets all go on that wait now.</summary>
    public void NotifyAll()
    {
        List<Waiter> notified;
        lock (_gate) notified = _line.TakeAll();
        foreach (var waiter in notified) waiter.Grant();
    }

    string IWaitedFor.Describe() => $"condition {(Name is null ? "" : $"'{Name}' ")}(not notified)";
}
