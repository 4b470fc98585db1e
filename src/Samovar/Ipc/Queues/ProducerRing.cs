using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Queues;

// A producer ring belongs to one process, which puts; any process takes from it. Why a death at any step is harmless, and why nobody sleeps
// beside an item, is argued in docs/explanation/decisions/0052-queue.md. In short:
//
// 1. Put: lock, look whether the queue is open, write the slot behind the last, publish by one store of the tail, unlock.
// 2. Take: claim, copy the slot at the head, take by one store of the head, give the claim back.
// 3. Lock and claim hold the identity of their process: who finds it dead frees them by one compare-and-swap. Nothing else is to be
//    repaired, since slot and count are whole between any two steps.
// 4. Unlocking and giving back are full fences; the signals are looked at after them.
// 5. Numbers read from the memory are checked against the capacity before anything is done with them, and an index is masked.

/// <summary>One producing process's ring, as this process sees it.</summary>
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
    private CountApart _headSeen; // never ahead of the head; the holder of the lock renews it
    private CountApart _tailSeen; // never ahead of the tail; the holder of the claim renews it

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

    /// <summary>For tests: called at each point between which this process may die.</summary>
    internal static Action<QueueStep>? StepReached { get; set; }

    /// <summary>At which producers of this ring wait.</summary>
    public uint* Room => &_header->Room;

    /// <summary>At which the producer waits to let go of what it holds for takers.</summary>
    public uint* LiveTaken => &_header->LiveTaken;

    public long Put => Volatile.Read(ref _header->Tail);

    public long GivenOut => Volatile.Read(ref _header->Head);

    public long Lost => Volatile.Read(ref _header->Lost);

    public long Dropped => Volatile.Read(ref _header->Dropped);

    /// <summary>Items that wait to be taken, at some moment.</summary>
    public long Waiting => Math.Clamp(Volatile.Read(ref _header->Tail) - Volatile.Read(ref _header->Head), 0, _capacity);

    /// <summary>Whether an item is there that nobody takes at this moment.</summary>
    public bool HasItems => !IsEmpty && Volatile.Read(ref _header->Claim) == 0;

    /// <summary>Whether every item was taken. The head is read first: equal to a tail read later, it is the head still.</summary>
    public bool IsEmpty => Volatile.Read(ref _header->Head) == Volatile.Read(ref _header->Tail); // SYNC: item published

    /// <summary>After the queue was completed: whether nothing is there and nothing will come.</summary>
    public bool IsDrained => Volatile.Read(ref _header->PutLock) == 0 && IsEmpty; // SYNC: completed or locked

    public bool HasRoom => Volatile.Read(ref _header->Tail) - Volatile.Read(ref _header->Head) < _capacity;

    /// <summary>Who takes from this ring at this moment.</summary>
    public ulong Claimant => Volatile.Read(ref _header->Claim);

    private bool IsCompleted => Volatile.Read(ref _queue->Completion) == QueueHeader.Completed; // SYNC: completed or locked

    /// <summary>Frees what a dead process has locked or claimed.</summary>
    /// <returns>Whether it died while it put.</returns>
    public bool Free(ulong dead)
    {
        Interlocked.CompareExchange(ref _header->Claim, 0, dead);
        return Interlocked.CompareExchange(ref _header->PutLock, 0, dead) == dead;
    }

    /// <summary>Announces a point between which and the next this process may die.</summary>
    public static void Step(QueueStep step) => StepReached?.Invoke(step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Lock()
    {
        if (Interlocked.CompareExchange(ref _header->PutLock, _own, 0) != 0) // SYNC: completed or locked
            LockSlowly();
        Step(QueueStep.Locked);
    }

    // Only threads of this process put into its ring, and each holds the lock for as long as a copy takes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockSlowly()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _header->PutLock, _own, 0) != 0) spin.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>A full fence; whoever may have looked in vain while the ring was locked is woken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlock()
    {
        Interlocked.Exchange(ref _header->PutLock, 0);
        Step(QueueStep.Unlocked);
        if (!IsCompleted) return;
        _items.WakeAll(); // they wait for this ring to be drained
        _done.WakeAll();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryClaim()
    {
        if (Interlocked.CompareExchange(ref _header->Claim, _own, 0) != 0) return false;
        Step(QueueStep.Claimed);
        return true;
    }

    /// <summary>A full fence. What is left here, others may have passed over while it was claimed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void GiveBack()
    {
        Interlocked.Exchange(ref _header->Claim, 0);
        Step(QueueStep.Released);
        if (_items.IsWaitedFor && !IsEmpty) _items.WakeOneAfterFence();
    }

    /// <summary>Holder of the lock: how many items may be put.</summary>
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
        long head = Volatile.Read(ref _header->Head); // SYNC: slot given back
        if ((ulong)(tail - head) > (ulong)_capacity) throw Impossible(head, tail);
        _headSeen.Value = head;
        return _capacity - (tail - head);
    }

    /// <summary>Holder of the claim: how many items are there.</summary>
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

    /// <summary>Holder of the lock, before it publishes. What others write into the memory was checked before, and is not asked here.</summary>
    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(long tail)
    {
        Debug.Assert(Volatile.Read(ref _header->PutLock) == _own, "only the holder of the lock puts");
        Debug.Assert(tail >= _headSeen.Value, "no slot is published that was given back before");
        Debug.Assert(_layout.FullMode != ProcessQueueFullMode.Wait || tail - _headSeen.Value <= _capacity, "a ring that waits for room holds no more than its capacity");
    }

    /// <summary>Holder of the claim, before it takes.</summary>
    [Conditional("DEBUG")]
    private void CheckTakeInvariantsLocked(long head)
    {
        Debug.Assert(Volatile.Read(ref _header->Claim) == _own, "only the holder of the claim takes");
        Debug.Assert((ulong)(_tailSeen.Value - head) <= (ulong)_capacity, "only what was published is taken");
    }

    private ChannelCorruptedException Impossible(long head, long tail) =>
        new($"A ring of the queue has given out {head} items of {tail}, and holds {_capacity} at most.");

    // Producer and consumer may be two threads of this process.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct CountApart
    {
        [FieldOffset(128)] public long Value;
    }
}
