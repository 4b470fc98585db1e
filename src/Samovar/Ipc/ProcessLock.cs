using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A lock between processes: one at a time.</summary>
/// <remarks>
/// <para>Waiters enter in the order in which they came. One that gives up or dies holds nobody up. When the holder's process dies, the next enters at
/// once and is told so: <see cref="ProcessLease.IsAbandoned"/>. Disposing the lock where this process holds it abandons it too.</para>
/// <para>It belongs to whoever has the lease, not to a thread: it can be held over an <see langword="await"/>. It cannot be entered again by its
/// holder, which would wait for itself: on an event loop <see cref="EnterAsync"/> throws a <see cref="LockRecursionException"/> where that is certain.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessLockCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsHeld ? \"held\" : \"free\",nq} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessLockDebugView))]
public sealed class ProcessLock : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Makes a lock.</summary>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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

    /// <summary>Whether any process holds it.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool IsHeld
    {
        get
        {
            bool isHeld = Semaphore.Available == 0;
            GC.KeepAlive(this);
            return isHeld;
        }
    }

    /// <summary>How many threads and asynchronous methods of all processes wait to enter.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    /// <summary>Opens the lock that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no lock.</exception>
    public static ProcessLock Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessLock Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Blocks until it is entered.</summary>
    /// <returns>Disposing it leaves.</returns>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease Enter(CancellationToken cancellationToken = default) => TryEnter(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="Enter"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ProcessLease? TryEnter(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Enters if that is possible now, without waiting.</summary>
    /// <returns>Disposing it leaves; null when it cannot be entered now.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease? TryEnter() => TryEnter(TimeSpan.Zero);

    /// <summary>Completes when it is entered.</summary>
    /// <inheritdoc cref="Enter"/>
    public ValueTask<ProcessLease> EnterAsync(CancellationToken cancellationToken = default) => TryEnterAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterAsync"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ValueTask<ProcessLease?> TryEnterAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Who holds it, and who waits.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ProcessLockStatistics GetStatistics()
    {
        var statistics = ProcessLockStatistics.Of(Semaphore);
        GC.KeepAlive(this);
        return statistics;
    }
}

/// <summary>Carries locks.</summary>
internal sealed class ProcessLockCodec : SharedObjectCodec<ProcessLock>
{
    protected override SharedFormat Format => ProcessLock.Format;

    protected override ProcessLock Make(SharedReference reference) => new(reference);
}

/// <summary>Shows who holds it and who waits.</summary>
internal sealed class ProcessLockDebugView(ProcessLock value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
