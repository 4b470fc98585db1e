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

/// <summary>A condition between processes: who holds a lock leaves it until another changes what it protects, and enters it again.</summary>
/// <remarks>
/// <para>Those who wait are notified in the order in which they came. A wait may end for nothing, above all when a process has died; so the condition is looked
/// at again after each, which <see cref="Wait(ProcessLease, Func{bool}, TimeSpan, CancellationToken)"/> does by itself.</para>
/// <para>However a wait ends, also by a token, the lock is entered again before it does. Should a process have died with the lock meanwhile,
/// the lease says so from then on: <see cref="ProcessLease.IsAbandoned"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessConditionCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : Waiting} waiting {Name,nq}")]
public sealed class ProcessCondition : SharedObject
{
    private readonly SharedSemaphore _semaphore;

    /// <summary>Makes a condition of what a lock protects; there may be several.</summary>
    /// <param name="lock">The lock. It travels with the condition, and is not disposed with it.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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
            throw new ArgumentException("The condition was made with another lock. What it leaves and enters again would not be what its other users hold.", nameof(@lock));
        }

        _semaphore = SharedSemaphore.Of(reference);
    }

    /// <summary>The lock.</summary>
    public ProcessLock Lock { get; }

    /// <summary>How many wait, of all processes.</summary>
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

    internal static SharedFormat Format { get; } = SharedSemaphore.Format(SharedKind.Condition, SemaphoreWord.Most, available: 0, name: null);

    private SharedSemaphore Semaphore
    {
        get
        {
            ThrowIfDisposed();
            return _semaphore;
        }
    }

    /// <summary>Opens the condition that living processes hold under a name.</summary>
    /// <param name="lock">The lock with which it was made.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no condition.</exception>
    /// <exception cref="ArgumentException">It was made with another lock.</exception>
    public static ProcessCondition Open(ProcessLock @lock, string name) => Open(@lock, name, SharedStore.Current);

    internal static ProcessCondition Open(ProcessLock @lock, string name, SharedStore store) =>
        new(Checked(@lock), SharedReference.OpenNamed(Format, name, store));

    /// <summary>Leaves the lock, blocks until notified, and enters the lock again.</summary>
    /// <param name="lease">By which the lock is held.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SynchronizationLockException">The lease is no hold on <see cref="Lock"/>, or was disposed of during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token was tripped first; the lock is held again.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public void Wait(ProcessLease lease, CancellationToken cancellationToken = default) => Wait(lease, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    /// <param name="lease">By which the lock is held.</param>
    /// <param name="timeout">How long to wait at most, until the lock is entered again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
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

    /// <summary>Waits until something is so, looking again whenever notified.</summary>
    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    /// <param name="lease">By which the lock is held.</param>
    /// <param name="condition">What is waited for; looked at while the lock is held.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the condition said last.</returns>
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

    /// <summary>Leaves the lock, completes when notified, with the lock entered again.</summary>
    /// <inheritdoc cref="Wait(ProcessLease, CancellationToken)"/>
    public ValueTask WaitAsync(ProcessLease lease, CancellationToken cancellationToken = default) =>
        new(WaitAsync(lease, Timeout.InfiniteTimeSpan, cancellationToken).AsTask());

    /// <inheritdoc cref="WaitAsync(ProcessLease, CancellationToken)"/>
    /// <param name="lease">By which the lock is held.</param>
    /// <param name="timeout">How long to wait at most, until the lock is entered again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
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

    /// <summary>Completes when something is so, looking again whenever notified.</summary>
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

    /// <summary>Lets so many go of those who wait now, in the order in which they came. They go on when the lock is left.</summary>
    /// <param name="count">How many, from 1.</param>
    /// <exception cref="SynchronizationLockException">This process does not hold <see cref="Lock"/>.</exception>
    public void Notify(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (Lock.Semaphore.HeldHere == 0)
            throw new SynchronizationLockException("A condition is notified by who holds its lock: what changed and the notice of it belong together.");
        Semaphore.Notify(count);
        GC.KeepAlive(this);
    }

    /// <summary>Lets all go who wait now.</summary>
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

    // Not even Thread.Interrupt ends a wait without the lock.
    private ProcessLease EnterAgain()
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                ProcessLease lease = Lock.Enter(CancellationToken.None);
                if (wasInterrupted) Thread.CurrentThread.Interrupt(); // for the caller's next wait, which it is meant for
                return lease;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }
    }

    // A waiter that was notified, and does not hold the lock afterwards, can make no use of the notice: the next in the queue has it, before the lock is left.
    private bool Resume(ProcessLease lease, ProcessLease? entered, SharedSemaphore.Waiter waiter)
    {
        bool isHeld = entered is not null && lease.TryResume(entered); // null: the lock was disposed of, or is broken
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

    private static SynchronizationLockException NoHold() => new("The lease is no hold on the condition's lock, or was given back.");

    // Takes the place in the queue before the lock is left, so that no notice comes between.
    private SharedSemaphore.Waiter Begin(ProcessLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        cancellationToken.ThrowIfCancellationRequested();
        SharedSemaphore held = Lock.Semaphore;
        if (!lease.IsOf(held)) throw NoHold();
        SharedSemaphore semaphore = Semaphore;
        semaphore.Lower(semaphore.Waiting); // notices for those who have gone are for nobody
        SharedSemaphore.Waiter waiter = semaphore.Arrive(AcquireMode.Consumed);
        if (lease.TrySuspend(held)) return waiter;
        semaphore.GiveUp(waiter); // another thread has disposed of the lease meanwhile
        throw NoHold();
    }
}

/// <summary>Carries conditions, each with its lock.</summary>
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
