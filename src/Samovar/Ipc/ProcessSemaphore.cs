using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A counting semaphore between processes.</summary>
/// <remarks>
/// <para>There are two ways to use it. <see cref="Enter"/> acquires a permit and returns a lease. The permit is released when the lease is disposed,
/// and also when the process dies or disposes the semaphore; in that case the next lease reports it (<see cref="ProcessLease.IsAbandoned"/>).
/// <see cref="Wait(CancellationToken)"/> and <see cref="Release"/> count things that one process produces and another consumes; these permits have no
/// owner and are not returned.</para>
/// <para>Waiters of both kinds are served in the order in which they arrived. A waiter that is cancelled, or whose process dies, does not block the
/// others.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks/para[position()&lt;4]"/>
/// </remarks>
[ShipWith(typeof(ProcessSemaphoreCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : CurrentCount} {Name,nq}")]
[DebuggerTypeProxy(typeof(ProcessSemaphoreDebugView))]
public sealed class ProcessSemaphore : SharedObject
{
    /// <summary>The largest possible count: 1,000,000.</summary>
    public const int MaxAllowedCount = 1_000_000;

    private readonly SharedSemaphore _semaphore;

    /// <summary>Initializes a semaphore.</summary>
    /// <param name="initialCount">The number of permits that are available at first, from 0.</param>
    /// <param name="maxCount">The largest number of permits, from 1. Null, the default, for <see cref="MaxAllowedCount"/>.</param>
    /// <param name="name">The name by which other processes of the same user open the semaphore: up to 100 ASCII letters, digits, '-', '_' and '.',
    /// not starting with '.'. Null, the default, for an unnamed semaphore.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of range, or <paramref name="initialCount"/> exceeds
    /// <paramref name="maxCount"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
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

    /// <summary>Gets the largest number of permits.</summary>
    public int MaxCount { get; }

    /// <summary>Gets the number of permits that are available now.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
    public int CurrentCount
    {
        get
        {
            int count = (int)Semaphore.Available;
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Gets the number of threads and asynchronous methods, in all processes, that wait for a permit.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
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

    /// <summary>Opens the named semaphore that living processes hold.</summary>
    /// <param name="name">The name with which the semaphore was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a
    /// semaphore.</exception>
    public static ProcessSemaphore Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessSemaphore Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Blocks until a permit is acquired.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease; disposing it releases the permit.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before a permit was acquired.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
    /// <example>
    /// <code>
    /// using var slots = new ProcessSemaphore(initialCount: 1);
    /// using var sum = new SharedValue&lt;int>();
    /// await executor.ForEachAsync(Enumerable.Range(1, 20), number =>
    /// {
    ///     using (slots.Enter()) sum.Add(number); // one task at a time, whatever process it runs in
    /// });
    /// </code>
    /// </example>
    public ProcessLease Enter(CancellationToken cancellationToken = default) => TryEnter(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="Enter"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the permit; null if the timeout elapsed.</returns>
    public ProcessLease? TryEnter(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Enter(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Acquires a permit if that is possible without waiting.</summary>
    /// <returns>The lease, whose disposal releases the permit; null if no permit is available.</returns>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
    public ProcessLease? TryEnter() => TryEnter(TimeSpan.Zero);

    /// <summary>Completes when a permit is acquired.</summary>
    /// <inheritdoc cref="Enter"/>
    public ValueTask<ProcessLease> EnterAsync(CancellationToken cancellationToken = default) => TryEnterAsync(Timeout.InfiniteTimeSpan, cancellationToken)!;

    /// <inheritdoc cref="EnterAsync"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The lease, whose disposal releases the permit; null if the timeout elapsed.</returns>
    public ValueTask<ProcessLease?> TryEnterAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.EnterAsync(this, AcquireMode.One, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Blocks until the count is above zero, and decreases it by one permanently.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="Enter" path="/exception"/>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decreased; false if the timeout elapsed.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.Wait(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Decreases the count by one permanently if it is above zero.</summary>
    /// <returns>True if the count was decreased; otherwise, false.</returns>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
    public bool TryWait() => Wait(TimeSpan.Zero);

    /// <summary>Completes when the count was above zero and has been decreased by one permanently.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="Enter" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decreased; false if the timeout elapsed.</returns>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Semaphore.WaitAsync(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);

    /// <summary>Increases the count.</summary>
    /// <param name="count">The amount, from 1. Default 1.</param>
    /// <exception cref="SemaphoreFullException">The count would exceed <see cref="MaxCount"/>; it stays unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
    public void Release(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!Semaphore.TryAdd((uint)count))
        {
            throw new SemaphoreFullException(
                $"The semaphore{(Name is null ? "" : $" '{Name}'")} is at {CurrentCount} of {MaxCount}; {count} more would exceed the maximum. " +
                "A lease releases its permit itself.");
        }

        GC.KeepAlive(this);
    }

    /// <summary>Gets a snapshot of the semaphore's holders and waiters.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore was disposed in this process.</exception>
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

/// <summary>Ships semaphores to other processes.</summary>
internal sealed class ProcessSemaphoreCodec : SharedObjectCodec<ProcessSemaphore>
{
    protected override SharedFormat Format => ProcessSemaphore.Format;

    protected override ProcessSemaphore Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the holders and waiters in the debugger.</summary>
internal sealed class ProcessSemaphoreDebugView(ProcessSemaphore value)
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public ProcessLockStatistics? Statistics => value.Reference.IsDisposed ? null : value.GetStatistics();
}
