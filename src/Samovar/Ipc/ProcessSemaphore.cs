using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A semaphore between processes: so many at a time.</summary>
/// <remarks>
/// <para>There are two ways to use it. <see cref="Enter"/> gives a lease: what is entered comes back when the lease is disposed, and also when
/// the process dies or disposes the semaphore, in which case the next is told (<see cref="ProcessLease.IsAbandoned"/>). <see cref="Wait(CancellationToken)"/> and <see cref="Release"/>
/// count things that one process provides and another uses up; such a count belongs to nobody and does not come back.</para>
/// <para>Waiters of both ways enter in the order in which they came. One that gives up or dies holds nobody up.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessSemaphoreCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : CurrentCount} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessSemaphoreDebugView))]
public sealed class ProcessSemaphore : SharedObject
{
    /// <summary>The largest count: 1,000,000.</summary>
    public const int MaxAllowedCount = 1_000_000;

    private readonly SharedSemaphore _semaphore;

    /// <summary>Makes a semaphore.</summary>
    /// <param name="initialCount">How many may enter at first.</param>
    /// <param name="maxCount">How many may enter at most, up to <see cref="MaxAllowedCount"/>; which is also what null stands for.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
    public ProcessSemaphore(int initialCount, int? maxCount = null, string? name = null)
        : this(initialCount, maxCount, name, SharedStore.Current)
    {
    }

    internal ProcessSemaphore(int initialCount, int? maxCount, string? name, SharedStore store)
        : this(SharedReference.Create(Checked(initialCount, maxCount ?? MaxAllowedCount) with { Name = name }, store))
    {
    }

    internal ProcessSemaphore(SharedReference reference)
        : base(reference)
    {
        _semaphore = SharedSemaphore.Of(reference);
        MaxCount = (int)_semaphore.Capacity;
    }

    /// <summary>How many may enter at most.</summary>
    public int MaxCount { get; }

    /// <summary>How many could enter now.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public int CurrentCount
    {
        get
        {
            int count = (int)Semaphore.Available;
            GC.KeepAlive(this);
            return count;
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

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.Semaphore, capacity: 1, available: 1, name: null);

    private SharedSemaphore Semaphore
    {
        get
        {
            ThrowIfDisposed();
            return _semaphore;
        }
    }

    /// <summary>Opens the semaphore that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no semaphore.</exception>
    public static ProcessSemaphore Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessSemaphore Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

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

    /// <summary>Blocks until the count is above zero, and takes one off for good.</summary>
    /// <inheritdoc cref="Enter" path="/exception"/>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Wait(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Takes one off for good if the count is above zero now.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public bool TryWait() => Wait(TimeSpan.Zero);

    /// <summary>Completes when the count was above zero, and one was taken off for good.</summary>
    /// <inheritdoc cref="Enter" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to try only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.WaitAsync(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Raises the count.</summary>
    /// <param name="count">By how much, from 1.</param>
    /// <exception cref="SemaphoreFullException">It would come above <see cref="MaxCount"/>; it is not changed.</exception>
    public void Release(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!Semaphore.TryAdd((uint)count))
            throw new SemaphoreFullException($"The semaphore{(Name is null ? "" : $" '{Name}'")} is at {CurrentCount} of {MaxCount}; {count} more are too many. A lease returns its permit by itself.");
        GC.KeepAlive(this);
    }

    /// <summary>Who has entered, and who waits.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ProcessLockStatistics GetStatistics()
    {
        var statistics = ProcessLockStatistics.Of(Semaphore);
        GC.KeepAlive(this);
        return statistics;
    }

    private static SharedFormat Checked(int initialCount, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, MaxAllowedCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialCount, maxCount);
        return SharedSemaphore.Format(SharedKind.Semaphore, (uint)maxCount, (uint)initialCount, name: null);
    }
}

/// <summary>Carries semaphores.</summary>
internal sealed class ProcessSemaphoreCodec : SharedObjectCodec<ProcessSemaphore>
{
    protected override SharedFormat Format => ProcessSemaphore.Format;

    protected override ProcessSemaphore Make(SharedReference reference) => new(reference);
}

/// <summary>Shows who has entered and who waits.</summary>
internal sealed class ProcessSemaphoreDebugView(ProcessSemaphore value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
