using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Tasks.Core;

namespace Samovar.Ipc.Locks;

/// <summary>The basis of locks, semaphores, auto-reset events and conditions, as one process sees it: permits, and a queue of waiters for
/// them.</summary>
/// <remarks>
/// The object's data, 128 bytes apart because different cores write them:
/// <list type="table">
/// <item><term>0</term><description>the permit word (<see cref="SemaphoreWord"/>)</description></item>
/// <item><term>128</term><description>the last ticket drawn (<see cref="FairWaitQueue"/>)</description></item>
/// <item><term>256</term><description>how many slots were ever taken (4 bytes), and how often permits were abandoned (4 bytes)</description></item>
/// </list>
/// </remarks>
internal sealed partial class SharedSemaphore : IDisposable
{
    public const int DataLength = 384;

    /// <summary>The number of processes that can use an object at once.</summary>
    public const int MostProcesses = 1024;

    private const int TicketsOffset = 128;
    private const int UsedOffset = 256;
    private const int AbandonedOffset = 260;

    private readonly SemaphoreWord _word;
    private readonly ProcessRegistration _registration;
    private readonly FairWaitQueue _queue; // null while the slot is being taken, when dead processes may have to be repaired already
    private readonly SlotOwnership _ownership = new();
    private readonly unsafe byte* _data;
    private readonly uint _leastToTell;

    private unsafe SharedSemaphore(SharedRegion region)
    {
        Region = region;
        _data = region.Data;
        long capacity = region.Format.Capacity;
        bool isSound = region.Format.Kind switch
        {
            SharedKind.Lock or SharedKind.Event => capacity == 1,
            SharedKind.ReaderWriterLock or SharedKind.Condition => capacity == SemaphoreWord.Most,
            _ => capacity is >= 1 and <= SemaphoreWord.Most,
        };
        if (!isSound || region.Format.DataLength < DataLength || region.Format.ProcessSlots < 1)
            throw new ChannelCorruptedException($"A shared {region.Format.Kind} cannot have {capacity} permits and {region.Format.ProcessSlots} slots.");
        _leastToTell = region.Format.Kind == SharedKind.ReaderWriterLock ? (uint)capacity : 1;
        _word = new SemaphoreWord((ulong*)_data, region.Table, (uint)capacity, _ownership);
        _registration = region.Join(Repair);
        _queue = new FairWaitQueue(_registration, WaitPlatform.Of(region.Kind), (ulong*)(_data + TicketsOffset), (uint*)(_data + UsedOffset));
    }

    /// <summary>The memory; an operation in progress keeps it alive.</summary>
    public SharedRegion Region { get; }

    public uint Available => _word.Available;

    public uint Capacity => _word.Capacity;

    public bool IsAbandoned => _word.IsAbandoned;

    public int Waiting => _queue.Waiting;

    /// <summary>How often a process died with permits.</summary>
    public unsafe int Abandonments => Volatile.Read(ref *(int*)(_data + AbandonedOffset));

    /// <summary>The number of permits that this process holds.</summary>
    public uint HeldHere => _word.Held(_registration.Index);

    public static SharedFormat Format(SharedKind kind, uint capacity, uint available, string? name) => new()
    {
        Kind = kind,
        Name = name,
        Capacity = capacity,
        First = available,
        ProcessSlots = MostProcesses,
        DataLength = DataLength,
    };

    public static SharedSemaphore Of(SharedReference reference) => reference.State(static region => new SharedSemaphore(region));

    /// <summary>The ids of the processes that hold permits.</summary>
    public int[] Holders()
    {
        var holders = new List<int>();
        for (int i = 0; i < _queue.Used; i++)
        {
            if (_word.Held(i) > 0 && _registration.Table[i] is { } process) holders.Add(process.Id);
        }

        return [.. holders];
    }

    /// <summary>Acquires permits and returns the lease, or null if the timeout elapsed.</summary>
    public ProcessLease? Enter(object owner, AcquireMode mode, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isTaken = Take(mode, timeout, cancellationToken, out bool wasAbandoned);
        GC.KeepAlive(owner);
        return isTaken ? new ProcessLease(this, owner, mode.IsAll, wasAbandoned) : null;
    }

    /// <inheritdoc cref="Enter"/>
    public ValueTask<ProcessLease?> EnterAsync(object owner, AcquireMode mode, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ProcessLease?>(cancellationToken);
        if (_word.TryTake(SlotFor(mode), mode.IsAll, isFirst: false, out bool wasAbandoned))
            return new ValueTask<ProcessLease?>(new ProcessLease(this, owner, mode.IsAll, wasAbandoned));
        return SelfWaitWatch.Current is { } watch && timeout == Timeout.InfiniteTimeSpan && HeldHere > 0 ? WaitWatchedAsync(watch) : WaitAsync(cancellationToken);

        async ValueTask<ProcessLease?> WaitAsync(CancellationToken token)
        {
            Waiter waiter = await TakeAsync(mode, timeout, token).ConfigureAwait(false);
            return waiter.HasPassed ? new ProcessLease(this, owner, mode.IsAll, waiter.WasAbandoned) : null;
        }

        async ValueTask<ProcessLease?> WaitWatchedAsync(SelfWaitWatch watch)
        {
            using var selfWait = new SemaphoreSelfWait(this, mode, cancellationToken);
            return await selfWait.EnterAsync(WaitAsync, watch).ConfigureAwait(false);
        }
    }

    /// <summary>Removes one permit permanently.</summary>
    /// <returns>False if the timeout elapsed.</returns>
    public bool Wait(object owner, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isTaken = Take(AcquireMode.Consumed, timeout, cancellationToken, out _);
        GC.KeepAlive(owner);
        return isTaken;
    }

    /// <inheritdoc cref="Wait"/>
    public async ValueTask<bool> WaitAsync(object owner, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Waiter waiter = await TakeAsync(AcquireMode.Consumed, timeout, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(owner);
        return waiter.HasPassed;
    }

    /// <summary>Blocks until the permits are taken.</summary>
    /// <returns>False if the timeout elapsed.</returns>
    public bool Take(AcquireMode mode, TimeSpan timeout, CancellationToken cancellationToken, out bool wasAbandoned)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_word.TryTake(SlotFor(mode), mode.IsAll, isFirst: false, out wasAbandoned)) return true;
        if (timeout == TimeSpan.Zero) return TryTakeAgain(mode, out wasAbandoned);
        Waiter waiter = Arrive(mode);
        Sleep(waiter, timeout, cancellationToken);
        wasAbandoned = waiter.WasAbandoned;
        return waiter.HasPassed;
    }

    /// <summary>Enqueues a waiter; <see cref="Sleep"/>, <see cref="SleepAsync"/> or <see cref="GiveUp"/> follows.</summary>
    public Waiter Arrive(AcquireMode mode)
    {
        ThrowIfBroken();
        var waiter = new Waiter(this, mode);
        _queue.Arrive(waiter);
        return waiter;
    }

    /// <summary>Removes a waiter at which no thread sleeps from the queue.</summary>
    public void GiveUp(Waiter waiter) => GiveUpUnlessPassed(waiter);

    /// <summary>Blocks until the waiter has passed, or has left the queue because of a timeout or cancellation.</summary>
    public void Sleep(Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            _queue.SignalOf(waiter).Wait(waiter, static w => w.Look(), timeout, cancellationToken);
        }
        finally
        {
            GiveUpUnlessPassed(waiter);
        }
    }

    /// <summary>Completes when the waiter has passed, or has left the queue because of a timeout or cancellation.</summary>
    public async ValueTask SleepAsync(Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.SignalOf(waiter).WaitAsync(waiter, static w => w.Look(), timeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (GiveUpUnlessPassed(waiter))
        {
            // The waiter passed first: it owns the permits, which must not be lost.
        }

        GiveUpUnlessPassed(waiter);
    }

    /// <summary>Completes when the permits are taken, or the timeout elapses.</summary>
    /// <returns>The waiter, which records whether it has passed and what it found.</returns>
    public async ValueTask<Waiter> TakeAsync(AcquireMode mode, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(this, mode);
        if (waiter.TryAtOnce() || timeout == TimeSpan.Zero) return waiter;
        ThrowIfBroken();
        _queue.Arrive(waiter);
        await SleepAsync(waiter, timeout, cancellationToken).ConfigureAwait(false);
        return waiter;
    }

    /// <summary>Returns what was taken.</summary>
    public void Give(bool all, bool isAbandoned = false)
    {
        if (_word.TryGive(_registration.Index, all, isAbandoned) && _word.HasWaiters) Advance();
        GC.KeepAlive(Region);
    }

    /// <summary>Adds permits without a previous holder.</summary>
    /// <returns>False if that would exceed the capacity.</returns>
    public bool TryAdd(uint amount)
    {
        bool isAdded = _word.TryAdd(amount);
        if (isAdded && _word.HasWaiters) Advance();
        GC.KeepAlive(Region);
        return isAdded;
    }

    /// <summary>Removes available permits, down to a number.</summary>
    public void Lower(int available) => _word.Lower((uint)available);

    /// <summary>Lets up to <paramref name="count"/> current waiters pass.</summary>
    public void Notify(int count)
    {
        int more = Math.Min(count, Waiting - (int)Available);
        if (more > 0) TryAdd((uint)more);
    }

    public void Dispose()
    {
        _queue.Close();
        _ownership.End();
        try
        {
            Repair(_registration.Index, ProcessIdentity.Own);
        }
        catch (ChannelCorruptedException)
        {
            // The memory holds nothing valid to return; the next process that uses the object gets the same error.
        }

        Advance();
        _registration.Dispose();
    }

    private int SlotFor(AcquireMode mode) => mode.IsOwned ? _registration.Index : -1;

    // Tries without waiting. Watches the other processes from here on, so that the death of a holder is noticed even without waiters.
    private bool TryTakeAgain(AcquireMode mode, out bool wasAbandoned)
    {
        _registration.Watch();
        if (_word.HasWaiters && !_queue.Any) Advance();
        return _word.TryTake(SlotFor(mode), mode.IsAll, isFirst: false, out wasAbandoned);
    }

    private bool GiveUpUnlessPassed(Waiter waiter)
    {
        if (_queue.Leave(waiter)) return true;
        if (!waiter.HasLeft) Advance();
        waiter.HasLeft = true;
        GC.KeepAlive(Region);
        return false;
    }

    // Wakes the first waiter; without waiters, clears the mark of them.
    private void Advance()
    {
        if (_queue.WakeFirst()) return;
        _word.ClearWaiters();
        if (!_queue.WakeFirst()) return;
        _word.MarkWaiters(); // a waiter arrived in the meantime
        _queue.WakeFirst();
    }

    private void ThrowIfBroken()
    {
        if (_registration.Failure is { } failure) throw failure;
    }

    private unsafe void Repair(int slot, ProcessIdentity process)
    {
        if (_word.Return(slot, process, _leastToTell) >= _leastToTell)
            Interlocked.Increment(ref *(int*)(_data + AbandonedOffset));
        FairWaitQueue.Remove(Region.Table, slot, process);
        if (Region.Format.Kind == SharedKind.Condition && _queue is not null)
            Notify(int.MaxValue); // it may have been woken without passing the notification on, so all waiters check again
    }

    /// <summary>A waiter for permits.</summary>
    internal sealed class Waiter(SharedSemaphore semaphore, AcquireMode mode) : QueuedWaiter
    {
        private bool _wasAbandoned;

        public bool WasAbandoned => _wasAbandoned;

        public bool HasLeft { get; set; }

        public bool TryAtOnce() => HasPassed = semaphore.TryTakeAgain(mode, out _wasAbandoned);

        public bool Look() => semaphore._queue.Look(this);

        public override void Announce() => semaphore._word.MarkWaiters();

        public override bool TryPass() => semaphore._word.TryTake(semaphore.SlotFor(mode), mode.IsAll, isFirst: true, out _wasAbandoned);

        public override void Passed()
        {
            if (semaphore.Available > 0) semaphore.Advance();
        }
    }
}

/// <summary>How permits are taken.</summary>
/// <param name="IsAll">True for all permits, false for one.</param>
/// <param name="IsOwned">True if the process owns the permits, which are returned when it dies; false if they are removed permanently.</param>
internal readonly record struct AcquireMode(bool IsAll, bool IsOwned)
{
    public static AcquireMode One => new(IsAll: false, IsOwned: true);

    public static AcquireMode All => new(IsAll: true, IsOwned: true);

    public static AcquireMode Consumed => new(IsAll: false, IsOwned: false);
}
