using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Queues;

// Items that are copied as raw bytes and stored in the slots.
internal sealed unsafe partial class ProducerRing
{
    /// <summary>Puts one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PutOutcome TryPut<T>(in T item)
    {
        Lock();
        long room = 0;
        try
        {
            if (IsCompleted) return PutOutcome.Completed;
            long tail = _header->Tail;
            room = RoomLocked(tail, 1);
            if (room <= 0)
            {
                if (_layout.FullMode == ProcessQueueFullMode.Wait) return PutOutcome.Full;
                if (!MakeRoomLocked(_headSeen.Value)) return PutOutcome.Put; // the new item is dropped, and counted
                room = 1;
            }

            Unsafe.WriteUnaligned(Slot<T>(tail), item);
            Step(QueueStep.Written);
            CheckInvariantsLocked(tail + 1);
            Volatile.Write(ref _header->Tail, tail + 1); // SYNC: item published
            Step(QueueStep.Published);
        }
        finally
        {
            Unlock();
        }

        _items.WakeOneAfterFence();
        if (room > 1) _room.WakeOneAfterFence(); // wakes the next thread of this process
        return PutOutcome.Put;
    }

    /// <summary>Puts as many items as there is room for, and publishes them at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PutOutcome TryPut<T>(ReadOnlySpan<T> items, out int put)
    {
        put = 0;
        Lock();
        long room = 0;
        try
        {
            if (IsCompleted) return PutOutcome.Completed;
            long tail = _header->Tail;
            room = RoomLocked(tail, items.Length);
            if (room <= 0) return PutOutcome.Full;
            put = (int)Math.Min(items.Length, room);
            int first = (int)Math.Min(put, _layout.Slots - (tail & _mask));
            Copy(items[..first], Slot<T>(tail));
            Copy(items[first..put], _slots);
            Step(QueueStep.Written);
            CheckInvariantsLocked(tail + put);
            Volatile.Write(ref _header->Tail, tail + put); // SYNC: item published
            Step(QueueStep.Published);
        }
        finally
        {
            Unlock();
        }

        _items.WakeOneAfterFence();
        if (room > put) _room.WakeOneAfterFence();
        return PutOutcome.Put;
    }

    /// <summary>Takes one item, unless the ring is empty or another consumer is taking.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake<T>(long* taken, out T item)
    {
        if (IsEmptySeen || !TryClaim())
        {
            Unsafe.SkipInit(out item);
            return false;
        }

        long count = 0;
        try
        {
            long head = _header->Head;
            count = CountClaimed(head, 1);
            if (count == 0)
            {
                Unsafe.SkipInit(out item);
                return false;
            }

            item = Unsafe.ReadUnaligned<T>(Slot<T>(head));
            Step(QueueStep.Copied);
            Account(taken, 1);
            CheckTakeInvariantsLocked(head + 1);
            Volatile.Write(ref _header->Head, head + 1); // SYNC: slot freed
            Step(QueueStep.Taken);
        }
        finally
        {
            GiveBack();
        }

        _room.WakeOneAfterFence();
        return true;
    }

    /// <summary>Takes as many items as are available and fit, at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int TryTake<T>(long* taken, Span<T> items)
    {
        if (IsEmptySeen || !TryClaim()) return 0;
        int count = 0;
        try
        {
            long head = _header->Head;
            count = (int)Math.Min(CountClaimed(head, items.Length), items.Length);
            if (count == 0) return 0;
            int first = (int)Math.Min(count, _layout.Slots - (head & _mask));
            Copy(Slot<T>(head), items[..first]);
            Copy(_slots, items[first..count]);
            Step(QueueStep.Copied);
            Account(taken, count);
            CheckTakeInvariantsLocked(head + count);
            Volatile.Write(ref _header->Head, head + count); // SYNC: slot freed
            Step(QueueStep.Taken);
        }
        finally
        {
            GiveBack();
        }

        _room.WakeOneAfterFence();
        return count;
    }

    // Reads the tail, which is in the cache of its producer's core, only when necessary.
    private bool IsEmptySeen
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _tailSeen.Value) == Volatile.Read(ref _header->Head) && IsEmpty;
    }

    private static void Account(long* taken, int count)
    {
        if (taken != null) Interlocked.Add(ref *taken, count);
    }

    // The items contain no references, so they can be copied as bytes.
    private static void Copy<T>(ReadOnlySpan<T> from, byte* to)
    {
        if (!from.IsEmpty)
            Unsafe.CopyBlockUnaligned(ref *to, ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(from)), (uint)from.Length * (uint)Unsafe.SizeOf<T>());
    }

    private static void Copy<T>(byte* from, Span<T> to)
    {
        if (!to.IsEmpty)
            Unsafe.CopyBlockUnaligned(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(to)), ref *from, (uint)to.Length * (uint)Unsafe.SizeOf<T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Slot<T>(long position) => _slots + ((position & _mask) * Unsafe.SizeOf<T>());

    /// <summary>Called by the holder of the lock when the ring is full and does not wait: drops one item, unless one was taken in the
    /// meantime.</summary>
    /// <param name="seen">The head when the ring was found full.</param>
    /// <returns>False if the new item is the one to drop.</returns>
    private bool MakeRoomLocked(long seen)
    {
        if (_layout.FullMode == ProcessQueueFullMode.DropWrite)
        {
            _header->Dropped++;
            return false;
        }

        var spin = default(SpinWait);
        while (!TryClaim())
        {
            if (Volatile.Read(ref _header->Head) != seen) return true;
            if (spin.Count % 64 == 63 && Claimant is not 0 and var claimant && !ProcessIdentity.From(claimant).IsAlive)
                Interlocked.CompareExchange(ref _header->Claim, 0, claimant);
            spin.SpinOnce(sleep1Threshold: -1);
        }

        try
        {
            if (_header->Head == seen && !IsEmpty)
            {
                _header->Dropped++;
                DropClaimed(seen);
            }

            RenewRoomLocked(_header->Tail);
            return true;
        }
        finally
        {
            GiveBack();
        }
    }
}
