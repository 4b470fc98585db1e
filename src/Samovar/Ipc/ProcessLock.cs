using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A mutual-exclusion lock between processes.</summary>
/// <remarks>
/// <para>Waiters acquire the lock in the order in which they arrived. A waiter that is cancelled, or whose process dies, does not block the others.
/// When the holder's process dies, the next waiter acquires the lock at once, and its lease reports that the lock was abandoned:
/// <see cref="ProcessLease.IsAbandoned"/>. Disposing the lock in a process that holds it abandons it too.</para>
/// <para>The lock belongs to the lease, not to a thread: it can be held across an <see langword="await"/>. The lock is not re-entrant: acquiring it
/// while holding it deadlocks. On an event loop, <see cref="EnterAsync"/> throws a <see cref="LockRecursionException"/> where that is certain.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks/para[position()&lt;4]"/>
/// </remarks>
[ShipWith(typeof(ProcessLockCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsHeld ? \"held\" : \"free\",nq} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessLockDebugView))]
public sealed class ProcessLock : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Initializes a lock.</summary>
    /// <param name="name">The name by which other processes of the same user open the lock: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed lock.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public ProcessLock(string? name = null)
        : this(name, SharedStore.Current)
    {
    }

    internal ProcessLock(string? name, SharedStore store)
        : this(SharedReference.Create(Format with { Name = name }, store))
    {
    }

    internal ProcessLock(SharedReference reference)
        : base(reference)
    {
        _semaphore = SharedSemaphore.Of(reference);
    }

    /// <summary>Gets whether any process holds the lock.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public bool IsHeld
    {
        get
        {
            bool isHeld = Semaphore.Available == 0;
            GC.KeepAlive(this);
            return isHeld;
        }
    }

    /// <summary>Gets the number of threads and asynchronous methods, in all processes, that wait for the lock.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public int Waiting
    {
        get
        {
            int waiting = Semaphore.Waiting;
            GC.KeepAlive(this);
            return waiting;
        }
    }

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.Lock, capacity: 1, available: 1, name: null);

    internal SharedSemaphore Semaphore
    {
        get
        {
            ThrowIfDisposed();
            return _semaphore;
        }
    }

    /// <summary>Opens the named lock that living processes hold.</summary>
    /// <param name="name">The name with which the lock was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a lock.</exception>
    public static ProcessLock Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessLock Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Blocks until the lock is acquired.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease; disposing it releases the lock.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the lock was acquired.</exception>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    /// <example>
    /// <code>
    /// using var gate = new ProcessLock();
    /// using var total = new SharedArray&lt;long>(1);
    /// var child = ChildProcess.Start(() =>
    /// {
    ///     using (gate.Enter()) total[0]++;
    /// });
    /// using (gate.Enter()) total[0]++;
    /// await child.JoinAsync();
    /// Console.WriteLine(total[0]); // 2
    /// </code>
    /// </example>
    public ProcessLease Enter(CancellationToken cancellationToken = default) => TryEnter(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="Enter"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ProcessLease? TryEnter(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Acquires the lock if that is possible without waiting.</summary>
    /// <returns>The lease, whose disposal releases the lock; null if the lock is not available.</returns>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLease? TryEnter() => TryEnter(TimeSpan.Zero);

    /// <summary>Completes when the lock is acquired.</summary>
    /// <inheritdoc cref="Enter"/>
    public ValueTask<ProcessLease> EnterAsync(CancellationToken cancellationToken = default) => TryEnterAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterAsync"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ValueTask<ProcessLease?> TryEnterAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Gets a snapshot of the lock's holders and waiters.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLockStatistics GetStatistics()
    {
        var statistics = ProcessLockStatistics.Of(Semaphore);
        GC.KeepAlive(this);
        return statistics;
    }
}

/// <summary>Ships locks to other processes.</summary>
internal sealed class ProcessLockCodec : SharedObjectCodec<ProcessLock>
{
    protected override SharedFormat Format => ProcessLock.Format;

    protected override ProcessLock Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the holders and waiters in the debugger.</summary>
internal sealed class ProcessLockDebugView(ProcessLock value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
