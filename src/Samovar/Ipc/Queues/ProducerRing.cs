using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Queues;

// A producer ring belongs to one process, which puts items; any process takes them. docs/explanation/decisions/0052-queue.md argues why a death at any step is
// harmless, and why no process sleeps while an item is available. In short:
//
// 1. Put: lock, check that the queue is open, write the slot behind the last one, publish it by one store of the tail, unlock.
// 2. Take: claim, copy the slot at the head, take it by one store of the head, release the claim.
// 3. Lock and claim hold the identity of their process: a process that finds it dead frees them with one compare-and-swap. Nothing else needs repair,
//    since slots and counts are consistent between any two steps.
// 4. Unlocking and releasing the claim are full fences; the signals are checked after them.
// 5. Numbers read from the memory are checked against the capacity before they are used, and an index is masked.

/// <summary>One producing process's ring, as seen by this process.</summary>
internal sealed unsafe partial class ProducerRing
{
    private readonly ProducerRingHeader* _header;
    private readonly QueueHeader* _queue;
    private readonly QueueLayout _layout;
    private readonly ulong _own = ProcessIdentity.Own.Word;
    private readonly byte* _slots;
    private readonly SignalWord _items;
    private readonly SignalWord _done;
    private readonly SignalWord _room;
    private readonly SignalWord _liveTaken;
    private readonly long _capacity;
    private readonly long _mask;
    private CountApart _headSeen; // never ahead of the head; updated by the holder of the lock
    private CountApart _tailSeen; // never ahead of the tail; updated by the holder of the claim

    public ProducerRing(SharedRegion region, QueueLayout layout, int index, WaitPlatform platform)
    {
        var queue = (QueueHeader*)region.Data;
        byte* start = region.Data + QueueHeader.HeaderSize + (layout.RingSize * index);
        _header = (ProducerRingHeader*)start;
        _queue = queue;
        _layout = layout;
        _slots = start + ProducerRingHeader.HeaderSize;
        _arena = new ItemArena(_slots, start + layout.ArenaOffset, layout);
        _large = new LargeItemArea(region, _header, index);
        Retained = new RetainedHandles(_header);
        _items = new SignalWord(&queue->Items, platform);
        _done = new SignalWord(&queue->Done, platform);
        _room = new SignalWord(&_header->Room, platform);
        _liveTaken = new SignalWord(&_header->LiveTaken, platform);
        _capacity = layout.Capacity;
        _mask = layout.Slots - 1;
    }

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal static Action<QueueStep>? StepReached { get; set; }

    /// <summary>The signal word at which producers of this ring wait.</summary>
    public uint* Room => &_header->Room;

    /// <summary>The signal word at which the producer waits to release handles that it holds for consumers.</summary>
    public uint* LiveTaken => &_header->LiveTaken;

    public long Put => Volatile.Read(ref _header->Tail);

    public long GivenOut => Volatile.Read(ref _header->Head);

    public long Lost => Volatile.Read(ref _header->Lost);

    public long Dropped => Volatile.Read(ref _header->Dropped);

    /// <summary>The number of items in the ring at some moment.</summary>
    public long Waiting => Math.Clamp(Volatile.Read(ref _header->Tail) - Volatile.Read(ref _header->Head), 0, _capacity);

    /// <summary>Whether there is an item that no consumer is taking at this moment.</summary>
    public bool HasItems => !IsEmpty && Volatile.Read(ref _header->Claim) == 0;

    /// <summary>Whether all items were taken. The head is read first: if it equals a tail that is read later, it is still the head.</summary>
    public bool IsEmpty => Volatile.Read(ref _header->Head) == Volatile.Read(ref _header->Tail); // SYNC: item published

    /// <summary>After the queue was completed: whether the ring is empty and stays empty.</summary>
    public bool IsDrained => Volatile.Read(ref _header->PutLock) == 0 && IsEmpty; // SYNC: completed or locked

    public bool HasRoom => Volatile.Read(ref _header->Tail) - Volatile.Read(ref _header->Head) < _capacity;

    /// <summary>The identity of the process that takes from this ring at this moment; 0 if there is no such process.</summary>
    public ulong Claimant => Volatile.Read(ref _header->Claim);

    private bool IsCompleted => Volatile.Read(ref _queue->Completion) == QueueHeader.Completed; // SYNC: completed or locked

    /// <summary>Frees the lock and the claim of a dead process.</summary>
    /// <returns>Whether it died while it put an item.</returns>
    public bool Free(ulong dead)
    {
        Interlocked.CompareExchange(ref _header->Claim, 0, dead);
        return Interlocked.CompareExchange(ref _header->PutLock, 0, dead) == dead;
    }

    /// <summary>Reports to tests a point at which this process may die.</summary>
    public static void Step(QueueStep step) => StepReached?.Invoke(step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Lock()
    {
        if (Interlocked.CompareExchange(ref _header->PutLock, _own, 0) != 0) // SYNC: completed or locked
            LockSlowly();
        Step(QueueStep.Locked);
    }

    // Only threads of this process put into its ring, and each holds the lock only for the time of a copy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockSlowly()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _header->PutLock, _own, 0) != 0) spin.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Unlocks, with a full fence, and wakes waiters that may have checked the ring while it was locked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlock()
    {
        Interlocked.Exchange(ref _header->PutLock, 0);
        Step(QueueStep.Unlocked);
        if (!IsCompleted) return;
        _items.WakeAll(); // they wait until this ring is drained
        _done.WakeAll();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryClaim()
    {
        if (Interlocked.CompareExchange(ref _header->Claim, _own, 0) != 0) return false;
        Step(QueueStep.Claimed);
        return true;
    }

    /// <summary>Releases the claim, with a full fence. Other consumers may have skipped the ring while it was claimed, so they are woken if it still
    /// has items.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void GiveBack()
    {
        Interlocked.Exchange(ref _header->Claim, 0);
        Step(QueueStep.Released);
        if (_items.IsWaitedFor && !IsEmpty) _items.WakeOneAfterFence();
    }

    /// <summary>Called by the holder of the lock: returns how many items can be put.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long RoomLocked(long tail, long wanted)
    {
        long room = _capacity - (tail - _headSeen.Value);
        if ((ulong)(room - wanted) <= (ulong)_capacity) return room;
        return RenewRoomLocked(tail);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long RenewRoomLocked(long tail)
    {
        long head = Volatile.Read(ref _header->Head); // SYNC: slot freed
        if ((ulong)(tail - head) > (ulong)_capacity) throw Impossible(head, tail);
        _headSeen.Value = head;
        return _capacity - (tail - head);
    }

    /// <summary>Called by the holder of the claim: returns how many items there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long CountClaimed(long head, long wanted)
    {
        long count = _tailSeen.Value - head;
        if (count >= wanted && count <= _capacity) return count;
        return RenewCountClaimed(head);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long RenewCountClaimed(long head)
    {
        long tail = Volatile.Read(ref _header->Tail); // SYNC: item published
        if ((ulong)(tail - head) > (ulong)_capacity) throw Impossible(head, tail);
        _tailSeen.Value = tail;
        return tail - head;
    }

    /// <summary>Called by the holder of the lock before it publishes. Values that other processes write were checked before, and are not part of
    /// these invariants.</summary>
    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(long tail)
    {
        Debug.Assert(Volatile.Read(ref _header->PutLock) == _own, "only the holder of the lock puts");
        Debug.Assert(tail >= _headSeen.Value, "no slot is published that was freed before");
        Debug.Assert(_layout.FullMode != ProcessQueueFullMode.Wait || tail - _headSeen.Value <= _capacity, "a ring that waits for room holds at most its capacity");
    }

    /// <summary>Called by the holder of the claim before it takes.</summary>
    [Conditional("DEBUG")]
    private void CheckTakeInvariantsLocked(long head)
    {
        Debug.Assert(Volatile.Read(ref _header->Claim) == _own, "only the holder of the claim takes");
        Debug.Assert((ulong)(_tailSeen.Value - head) <= (ulong)_capacity, "only published items are taken");
    }

    private ChannelCorruptedException Impossible(long head, long tail) =>
        new($"A ring of the queue has head {head} and tail {tail}, and holds at most {_capacity} items.");

    // On cache lines of their own: producer and consumer may be two threads of this process.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct CountApart
    {
        [FieldOffset(128)] public long Value;
    }
}
