using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Ipc;

/// <summary>A condition variable between processes: a holder of a <see cref="ProcessLock"/> releases the lock, waits for a notification, and acquires
/// the lock again.</summary>
/// <remarks>
/// <para>Waiters are notified in the order in which they arrived. A wait can return without a notification, above all when a process has died.
/// Therefore check the awaited state after each wait; <see cref="Wait(ProcessLease, Func{bool}, TimeSpan, CancellationToken)"/> does that.</para>
/// <para>The lock is held again whenever a wait returns or throws, also after cancellation. If another process died while it held the lock in the
/// meantime, the lease reports that from then on: <see cref="ProcessLease.IsAbandoned"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessConditionCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : Waiting} waiting {Name,nq}")]
public sealed class ProcessCondition : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Initializes a condition for the state that a lock protects. A lock can have several conditions.</summary>
    /// <param name="lock">The lock. It is shipped together with the condition; disposing the condition does not dispose it.</param>
    /// <param name="name">The name by which other processes of the same user open the condition: up to 100 ASCII letters, digits, '-', '_' and '.',
    /// not starting with '.'. Null, the default, for an unnamed condition.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public ProcessCondition(ProcessLock @lock, string? name = null)
        : this(@lock, name, SharedStore.Current)
    {
    }

    internal ProcessCondition(ProcessLock @lock, string? name, SharedStore store)
        : this(Checked(@lock), SharedReference.Create(Format with { Name = name, Traits = IdentityOf(@lock) }, store))
    {
    }

    internal ProcessCondition(ProcessLock @lock, SharedReference reference)
        : base(reference)
    {
        Lock = @lock;
        if (reference.Region.Format.Traits != IdentityOf(@lock))
        {
            reference.Dispose();
            throw new ArgumentException(
                "The condition was created with another lock. Pass the lock that its other users hold.", nameof(@lock));
        }

        _semaphore = SharedSemaphore.Of(reference);
    }

    /// <summary>Gets the lock that this condition releases and acquires.</summary>
    public ProcessLock Lock { get; }

    /// <summary>Gets the number of waiters, in all processes.</summary>
    /// <exception cref="ObjectDisposedException">The condition was disposed in this process.</exception>
    public int Waiting
    {
        get
        {
            int waiting = Semaphore.Waiting;
            GC.KeepAlive(this);
            return waiting;
        }
    }

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.Condition, SemaphoreWord.Most, available: 0, name: null);

    private SharedSemaphore Semaphore
    {
        get
        {
            ThrowIfDisposed();
            return _semaphore;
        }
    }

    /// <summary>Opens the named condition that living processes hold.</summary>
    /// <param name="lock">The lock with which the condition was created.</param>
    /// <param name="name">The name with which the condition was created.</param>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a
    /// condition.</exception>
    /// <exception cref="ArgumentException">The condition was created with another lock, or <paramref name="name"/> is not a valid name.</exception>
    public static ProcessCondition Open(ProcessLock @lock, string name) => Open(@lock, name, SharedStore.Current);

    internal static ProcessCondition Open(ProcessLock @lock, string name, SharedStore store) =>
        new(Checked(@lock), SharedReference.OpenNamed(Format, name, store));

    /// <summary>Releases the lock, blocks until notified, and acquires the lock again.</summary>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="SynchronizationLockException">The lease does not hold <see cref="Lock"/>, or was disposed during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before a notification; the lock is held again.</exception>
    /// <exception cref="ObjectDisposedException">The condition was disposed in this process.</exception>
    public void Wait(ProcessLease lease, CancellationToken cancellationToken = default) => Wait(lease, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="timeout">How long to wait for a notification; acquiring the lock again is not bounded by it.
    /// <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed.</returns>
    public bool Wait(ProcessLease lease, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        SharedSemaphore.Waiter waiter = Begin(lease, cancellationToken);
        bool isHeld;
        try
        {
            _semaphore.Sleep(waiter, timeout, cancellationToken);
        }
        finally
        {
            ProcessLease? entered = null;
            try
            {
                entered = EnterAgain();
            }
            finally
            {
                isHeld = Resume(lease, entered, waiter);
            }
        }

        return isHeld ? waiter.HasPassed : throw AbandonedWait.Error();
    }

    /// <summary>Waits until a condition is true, checking it again after each notification.</summary>
    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="condition">The condition; called while the lock is held.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The last result of <paramref name="condition"/>: false only if the timeout elapsed.</returns>
    public bool Wait(ProcessLease lease, Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (!Wait(lease, Left(timeout, start), cancellationToken)) return condition();
        }

        return true;
    }

    /// <summary>Releases the lock, and completes when notified, with the lock acquired again.</summary>
    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    public ValueTask WaitAsync(ProcessLease lease, CancellationToken cancellationToken = default) =>
        new(WaitAsync(lease, Timeout.InfiniteTimeSpan, cancellationToken).AsTask());

    /// <inheritdoc cref="WaitAsync(ProcessLease, CancellationToken)"/>
    /// <param name="lease">The lease that holds the lock.</param>
    /// <param name="timeout">How long to wait for a notification; acquiring the lock again is not bounded by it.
    /// <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed.</returns>
    [AsyncMethodBuilder(typeof(AbandonableWaitBuilder<>))]
    public async ValueTask<bool> WaitAsync(ProcessLease lease, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        SharedSemaphore.Waiter waiter = Begin(lease, cancellationToken);
        bool isHeld;
        try
        {
            await _semaphore.SleepAsync(waiter, timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ProcessLease? entered = null;
            try
            {
                entered = await Lock.EnterAsync(CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                isHeld = Resume(lease, entered, waiter);
            }
        }

        return isHeld ? waiter.HasPassed : throw AbandonedWait.Error();
    }

    /// <summary>Completes when a condition is true, checking it again after each notification.</summary>
    /// <inheritdoc cref="Wait(ProcessLease, Func{bool}, TimeSpan, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(AbandonableWaitBuilder<>))]
    public async ValueTask<bool> WaitAsync(ProcessLease lease, Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (!await WaitAsync(lease, Left(timeout, start), cancellationToken).ConfigureAwait(false)) return condition();
        }

        return true;
    }

    /// <summary>Notifies up to <paramref name="count"/> of the current waiters, in the order in which they arrived. They continue when the lock is
    /// released.</summary>
    /// <param name="count">The largest number of waiters to notify, from 1. Default 1.</param>
    /// <exception cref="SynchronizationLockException">This process does not hold <see cref="Lock"/>.</exception>
    /// <exception cref="ObjectDisposedException">The condition was disposed in this process.</exception>
    public void Notify(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (Lock.Semaphore.HeldHere == 0)
            throw new SynchronizationLockException("This process does not hold the condition's lock. Acquire it before calling Notify.");
        Semaphore.Notify(count);
        GC.KeepAlive(this);
    }

    /// <summary>Notifies all current waiters.</summary>
    /// <inheritdoc cref="Notify" path="/exception"/>
    public void NotifyAll() => Notify(int.MaxValue);

    private static long IdentityOf(ProcessLock @lock) => (long)@lock.Reference.Region.Cookie.Low;

    private static ProcessLock Checked(ProcessLock @lock)
    {
        ArgumentNullException.ThrowIfNull(@lock);
        return @lock;
    }

    private static TimeSpan Left(TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return timeout;
        TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // The lock must be held again in every case; even Thread.Interrupt must not prevent that.
    private ProcessLease EnterAgain()
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                ProcessLease lease = Lock.Enter(CancellationToken.None);
                if (wasInterrupted) Thread.CurrentThread.Interrupt(); // re-raised for the caller's next wait
                return lease;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }
    }

    // A notified waiter that fails to get the lock back cannot use its notification, so it passes the notification to the next waiter before the lock
    // is released.
    private bool Resume(ProcessLease lease, ProcessLease? entered, SharedSemaphore.Waiter waiter)
    {
        bool isHeld = entered is not null && lease.TryResume(entered); // null: the lock was disposed, or its memory is corrupted
        if (!isHeld)
        {
            try
            {
                if (waiter.HasPassed) _semaphore.Notify(1);
            }
            finally
            {
                entered?.LeaveUnused();
            }
        }

        GC.KeepAlive(this);
        return isHeld;
    }

    private static SynchronizationLockException NoHold() => new("The lease does not hold the condition's lock, or was disposed.");

    // Enqueues before the lock is released, so that no notification falls in between.
    private SharedSemaphore.Waiter Begin(ProcessLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        cancellationToken.ThrowIfCancellationRequested();
        SharedSemaphore held = Lock.Semaphore;
        if (!lease.IsOf(held)) throw NoHold();
        SharedSemaphore semaphore = Semaphore;
        semaphore.Lower(semaphore.Waiting); // discard notifications whose waiters have left
        SharedSemaphore.Waiter waiter = semaphore.Arrive(AcquireMode.Consumed);
        if (lease.TrySuspend(held)) return waiter;
        semaphore.GiveUp(waiter); // another thread has disposed the lease in the meantime
        throw NoHold();
    }
}

/// <summary>Ships conditions to other processes, each with its lock.</summary>
internal sealed class ProcessConditionCodec : LiveCodec<ProcessCondition>
{
    public override void Export(ProcessCondition value, IBufferWriter<byte> output, LiveConnector connector)
    {
        Export(value.Reference, output, connector);
        Export(value.Lock.Reference, output, connector);
    }

    public override ProcessCondition Import(ReadOnlySpan<byte> payload, LiveConnector connector)
    {
        SharedHandle condition = SharedHandle.Read(payload);
        SharedHandle @lock = SharedHandle.Read(payload[SharedHandle.Size..]);
        return new ProcessCondition(
            new ProcessLock(SharedReference.Open(@lock, ProcessLock.Format, connector.EndsWithTask)),
            SharedReference.Open(condition, ProcessCondition.Format, connector.EndsWithTask));
    }

    private static void Export(SharedReference reference, IBufferWriter<byte> output, LiveConnector connector)
    {
        SharedReference kept = reference.Share();
        SharedHandle handle = kept.Region.Handle;
        connector.Keep(new InFlightHandle(kept, handle));
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<SharedHandle>(in handle)));
    }
}
