using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A lock between processes: many readers, or one writer.</summary>
/// <remarks>
/// <para>Waiters enter in the order in which they came: a reader that comes while a writer waits enters after it, so neither starves. One that gives up
/// or dies holds nobody up. When the writer's process dies, the next enter at once: readers are told so, until a writer has entered and was told
/// (<see cref="ProcessLease.IsAbandoned"/>). Disposing the lock where this process holds it does the same. A reader that dies leaves nothing to tell.</para>
/// <para>It belongs to whoever has the lease, not to a thread: it can be held over an <see langword="await"/>. Who holds it does not enter it again,
/// not even to read: a writer may be waiting between.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessReaderWriterLockCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsWriteHeld ? \"written\" : CurrentReadCount + \" readers\",nq} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessReaderWriterLockDebugView))]
public sealed class ProcessReaderWriterLock : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Makes a lock.</summary>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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

    /// <summary>Whether a writer is in.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool IsWriteHeld
    {
        get
        {
            bool isHeld = Semaphore.Available == 0;
            GC.KeepAlive(this);
            return isHeld;
        }
    }

    /// <summary>How many readers are in, of all processes.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public int CurrentReadCount
    {
        get
        {
            uint available = Semaphore.Available;
            GC.KeepAlive(this);
            return available == 0 ? 0 : (int)(SemaphoreWord.Most - available);
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

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.ReaderWriterLock, SemaphoreWord.Most, SemaphoreWord.Most, name: null);

    internal SharedSemaphore Semaphore
    {
        get
        {
            ThrowIfDisposed();
            return _semaphore;
        }
    }

    /// <summary>Opens the lock that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no reader-writer lock.</exception>
    public static ProcessReaderWriterLock Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessReaderWriterLock Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Blocks until it is entered to read.</summary>
    /// <returns>Disposing it leaves.</returns>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease EnterRead(CancellationToken cancellationToken = default) => TryEnterRead(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterRead"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ProcessLease? TryEnterRead(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Enters to read if that is possible now, without waiting.</summary>
    /// <returns>Disposing it leaves; null when it cannot be entered now.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease? TryEnterRead() => TryEnterRead(TimeSpan.Zero);

    /// <summary>Completes when it is entered to read.</summary>
    /// <inheritdoc cref="EnterRead"/>
    public ValueTask<ProcessLease> EnterReadAsync(CancellationToken cancellationToken = default) => TryEnterReadAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterReadAsync"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ValueTask<ProcessLease?> TryEnterReadAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Blocks until it is entered to write.</summary>
    /// <returns>Disposing it leaves.</returns>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease EnterWrite(CancellationToken cancellationToken = default) => TryEnterWrite(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterWrite"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ProcessLease? TryEnterWrite(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.All, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Enters to write if that is possible now, without waiting.</summary>
    /// <returns>Disposing it leaves; null when it cannot be entered now.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public ProcessLease? TryEnterWrite() => TryEnterWrite(TimeSpan.Zero);

    /// <summary>Completes when it is entered to write.</summary>
    /// <inheritdoc cref="EnterWrite"/>
    public ValueTask<ProcessLease> EnterWriteAsync(CancellationToken cancellationToken = default) => TryEnterWriteAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterWriteAsync"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Disposing it leaves; null where the time ran out.</returns>
    public ValueTask<ProcessLease?> TryEnterWriteAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.All, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Who holds it, and who waits.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ProcessLockStatistics GetStatistics()
    {
        var statistics = ProcessLockStatistics.Of(Semaphore);
        GC.KeepAlive(this);
        return statistics;
    }
}

/// <summary>Carries reader-writer locks.</summary>
internal sealed class ProcessReaderWriterLockCodec : SharedObjectCodec<ProcessReaderWriterLock>
{
    protected override SharedFormat Format => ProcessReaderWriterLock.Format;

    protected override ProcessReaderWriterLock Make(SharedReference reference) => new(reference);
}

/// <summary>Shows who holds it and who waits.</summary>
internal sealed class ProcessReaderWriterLockDebugView(ProcessReaderWriterLock value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
