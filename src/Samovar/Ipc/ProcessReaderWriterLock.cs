using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A lock between processes that admits many readers or one writer.</summary>
/// <remarks>
/// <para>Waiters acquire the lock in the order in which they arrived. A reader that arrives while a writer waits acquires the lock after that writer,
/// so neither side starves. A waiter that is cancelled, or whose process dies, does not block the others.</para>
/// <para>When the writer's process dies, the next waiters acquire the lock at once. Their leases report that it was abandoned
/// (<see cref="ProcessLease.IsAbandoned"/>): those of all readers up to the next writer, and that of this writer. Disposing the lock in a process
/// that holds it for writing has the same effect. A reader that dies leaves nothing to report.</para>
/// <para>The lock belongs to the lease, not to a thread: it can be held across an <see langword="await"/>. The lock is not re-entrant, not even for
/// reading: a writer may be waiting in between.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessReaderWriterLockCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsWriteHeld ? \"written\" : CurrentReadCount + \" readers\",nq} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessReaderWriterLockDebugView))]
public sealed class ProcessReaderWriterLock : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Initializes a lock.</summary>
    /// <param name="name">The name by which other processes of the same user open the lock: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed lock.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public ProcessReaderWriterLock(string? name = null)
        : this(name, SharedStore.Current)
    {
    }

    internal ProcessReaderWriterLock(string? name, SharedStore store)
        : this(SharedReference.Create(Format with { Name = name }, store))
    {
    }

    internal ProcessReaderWriterLock(SharedReference reference)
        : base(reference)
    {
        _semaphore = SharedSemaphore.Of(reference);
    }

    /// <summary>Gets whether a writer holds the lock.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public bool IsWriteHeld
    {
        get
        {
            bool isHeld = Semaphore.Available == 0;
            GC.KeepAlive(this);
            return isHeld;
        }
    }

    /// <summary>Gets the number of readers that hold the lock, in all processes.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public int CurrentReadCount
    {
        get
        {
            uint available = Semaphore.Available;
            GC.KeepAlive(this);
            return available == 0 ? 0 : (int)(SemaphoreWord.Most - available);
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

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.ReaderWriterLock, SemaphoreWord.Most, SemaphoreWord.Most, name: null);

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
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a reader-writer
    /// lock.</exception>
    public static ProcessReaderWriterLock Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessReaderWriterLock Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Blocks until the lock is acquired for reading.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease; disposing it releases the lock.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the lock was acquired.</exception>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLease EnterRead(CancellationToken cancellationToken = default) => TryEnterRead(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterRead"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ProcessLease? TryEnterRead(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Acquires the lock for reading if that is possible without waiting.</summary>
    /// <returns>The lease, whose disposal releases the lock; null if the lock is not available.</returns>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLease? TryEnterRead() => TryEnterRead(TimeSpan.Zero);

    /// <summary>Completes when the lock is acquired for reading.</summary>
    /// <inheritdoc cref="EnterRead"/>
    public ValueTask<ProcessLease> EnterReadAsync(CancellationToken cancellationToken = default) => TryEnterReadAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterReadAsync"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ValueTask<ProcessLease?> TryEnterReadAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Blocks until the lock is acquired for writing.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease; disposing it releases the lock.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the lock was acquired.</exception>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLease EnterWrite(CancellationToken cancellationToken = default) => TryEnterWrite(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterWrite"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ProcessLease? TryEnterWrite(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.All, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Acquires the lock for writing if that is possible without waiting.</summary>
    /// <returns>The lease, whose disposal releases the lock; null if the lock is not available.</returns>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLease? TryEnterWrite() => TryEnterWrite(TimeSpan.Zero);

    /// <summary>Completes when the lock is acquired for writing.</summary>
    /// <inheritdoc cref="EnterWrite"/>
    public ValueTask<ProcessLease> EnterWriteAsync(CancellationToken cancellationToken = default) => TryEnterWriteAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterWriteAsync"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the lock; null if the timeout elapsed.</returns>
    public ValueTask<ProcessLease?> TryEnterWriteAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.All, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Gets a snapshot of the lock's holders and waiters.</summary>
    /// <exception cref="ObjectDisposedException">The lock was disposed in this process.</exception>
    public ProcessLockStatistics GetStatistics()
    {
        var statistics = ProcessLockStatistics.Of(Semaphore);
        GC.KeepAlive(this);
        return statistics;
    }
}

/// <summary>Ships reader-writer locks to other processes.</summary>
internal sealed class ProcessReaderWriterLockCodec : SharedObjectCodec<ProcessReaderWriterLock>
{
    protected override SharedFormat Format => ProcessReaderWriterLock.Format;

    protected override ProcessReaderWriterLock Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the holders and waiters in the debugger.</summary>
internal sealed class ProcessReaderWriterLockDebugView(ProcessReaderWriterLock value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
