using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A semaphore that is awaited: it grants a limited number of permits, in order of arrival. For code on a loop or off it.</summary>
/// <remarks><see cref="SemaphoreSlim"/> also supports awaiting, but does not observe scopes, and reports do not show its waiters. All members are
/// thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncSemaphore : IWaitedFor, IInspectedPrimitive
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private readonly Action<AsyncLease> _return;
    private int _count;
    private AsyncLease? _only; // under the gate: the lease that holds the only permit
    private bool _hasOnlyLeases = true; // under the gate: no permit was released except by a lease

    /// <summary>Initializes a semaphore.</summary>
    /// <param name="initialCount">The number of permits that are initially free; zero or more.</param>
    /// <param name="maxCount">The maximum number of free permits, at least 1; null for no limit.</param>
    /// <param name="name">The semaphore's name in reports; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialCount"/> is negative, or <paramref name="maxCount"/> is less than it or
    /// less than 1.</exception>
    public AsyncSemaphore(int initialCount, int? maxCount = null, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        if (maxCount is { } most) ArgumentOutOfRangeException.ThrowIfLessThan(most, Math.Max(1, initialCount), nameof(maxCount));
        _count = initialCount;
        _return = Return;
        MaxCount = maxCount ?? int.MaxValue;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
        PrimitiveRegistry.Add(this, name);
    }

    /// <summary>Gets the semaphore's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets the maximum number of free permits.</summary>
    public int MaxCount { get; }

    /// <summary>Gets the number of free permits.</summary>
    public int CurrentCount
    {
        get
        {
            lock (_gate) return _count;
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

    private string DebuggerText => $"AsyncSemaphore {Name}: {_count} free, {_queue.Count} waiting";

    /// <summary>Acquires a permit, in order of arrival. <see cref="Release"/> releases it.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the permit was acquired.</returns>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
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

    /// <summary>Acquires a permit, in order of arrival. Disposing the lease releases it.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="LockRecursionException"><see cref="MaxCount"/> is 1, <see cref="Release"/> was never called, and the caller already holds the
    /// permit. Detected only on a loop, and not in every case: see <see cref="AsyncLock"/>.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    /// <example>
    /// <code>
    /// var stove = new AsyncSemaphore(initialCount: 2);
    /// await TaskGroup.RunAsync(group =>
    /// {
    ///     for (int i = 0; i &lt; 4; i++) group.Run(CookAsync);
    /// });
    ///
    /// async Task CookAsync()
    /// {
    ///     using (await stove.EnterAsync()) await EventLoop.SleepAsync(TimeSpan.FromMinutes(10)); // two at a time
    /// }
    /// </code>
    /// </example>
    public async ValueTask<AsyncLease> EnterAsync(CancellationToken cancellationToken = default)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(true);
        return NewLease();
    }

    /// <summary>Acquires a permit if one is free now. Disposing the lease releases it.</summary>
    /// <returns>The lease, or null if no permit is free.</returns>
    public AsyncLease? TryEnter() => TryWait() ? NewLease() : null;

    /// <summary>Acquires a permit if one is free now. <see cref="Release"/> releases it.</summary>
    /// <returns>true if a permit was acquired; otherwise, false.</returns>
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

    /// <summary>Releases permits, which go to the waiters first.</summary>
    /// <param name="count">The number of permits; at least 1. The default is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="SemaphoreFullException">More than <see cref="MaxCount"/> permits would be free; none was released.</exception>
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

    /// <summary>Returns a snapshot of the semaphore: its free permits, the number of waiters, and the holder of the only permit.</summary>
    /// <returns>The snapshot.</returns>
    public AsyncLockStatistics GetStatistics()
    {
        lock (_gate) return new AsyncLockStatistics(_count, _queue.Count, _only?.Holder);
    }

    PrimitiveActivity IInspectedPrimitive.CapturePrimitive()
    {
        lock (_gate)
        {
            return new PrimitiveActivity("semaphore", Name, _count == 0 ? "empty" : "free")
            {
                Count = _count,
                Capacity = MaxCount == int.MaxValue ? null : MaxCount,
                Holders = _only is { } only ? [only.Holder] : [],
                Waiting = _queue.Count,
                Hold = _only,
            };
        }
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

    /// <summary>Releases permits. Under the gate.</summary>
    /// <returns>The waiters that have acquired a permit; the caller grants them.</returns>
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
        Debug.Assert(_count >= 0 && _count <= MaxCount, "the number of free permits is within its limits");
        Debug.Assert(_count == 0 || _queue.Count == 0, "no caller waits while a permit is free");
        Debug.Assert(
            _only is null || (MaxCount == 1 && _hasOnlyLeases && _count == 0),
            "the lease of the only permit is recorded while it is held and only leases release permits");
    }

    /// <summary>Returns whether the given leases include the one that holds the only permit, and only leases release permits.</summary>
    private bool AreAll(IReadOnlyCollection<object> holds)
    {
        lock (_gate) return _only is { } only && holds.Contains(only);
    }

    string IWaitedFor.Describe() => $"semaphore {(Name is null ? "" : $"'{Name}' ")}(no permit free)";
}
