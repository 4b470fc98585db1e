namespace Samovar.Ipc.Queues;

// Serialized items: their bytes are in the ring's arena, or, if they are large, in the queue's file.
internal sealed unsafe partial class ProducerRing
{
    private readonly ItemArena _arena;
    private readonly LargeItemArea _large;

    /// <summary>The handles that this process holds for items that it has put here.</summary>
    public RetainedHandles Retained { get; }

    /// <summary>Puts the bytes of one item.</summary>
    /// <param name="item">The item; it is copied.</param>
    /// <param name="kept">Held until the item was taken; null for nothing.</param>
    public PutOutcome TryPut(in ShippedBytes item, IDisposable? kept)
    {
        Lock();
        try
        {
            if (IsCompleted) return PutOutcome.Completed;
            long tail = _header->Tail;
            long start, head = Volatile.Read(ref _header->Head);
            while (RoomLocked(tail, 1) <= 0 || !HasLargeRoomLocked(item.Length) || !TryReserveLocked(tail, item.Length, out start))
            {
                if (_layout.FullMode == ProcessQueueFullMode.Wait) return PutOutcome.Full;
                if (!MakeRoomLocked(head))
                {
                    kept?.Dispose();
                    return PutOutcome.Put;
                }

                head = Volatile.Read(ref _header->Head);
            }

            LargePlace large = _arena.IsLarge(item.Length) ? _large.WriteLocked(item.Bytes) : default;
            _arena.Write(tail, start, item, large);
            if (kept is not null) Retained.AddLocked(tail, kept);
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
        return PutOutcome.Put;
    }

    /// <summary>Whether an item of that length could be put now.</summary>
    public bool HasRoomFor(int length)
    {
        Lock();
        try
        {
            long tail = _header->Tail;
            return RoomLocked(tail, 1) > 0 && HasLargeRoomLocked(length) && TryReserveLocked(tail, length, out _);
        }
        finally
        {
            Unlock();
        }
    }

    /// <summary>Takes one item, unless the ring is empty or another consumer is taking.</summary>
    public bool TryTake<T>(long* taken, out TakenBytes<T> item)
    {
        item = default;
        if (IsEmptySeen || !TryClaim()) return false;
        bool isLive = false;
        try
        {
            long head = _header->Head;
            if (CountClaimed(head, 1) == 0) return false;
            ShippedSlot slot = _arena.Read(head, out byte* bytes);
            isLive = slot.Kind is ShippedKind.Live or ShippedKind.LargeLive;
            LargePlace large = slot.IsLarge ? _large.CheckedClaimed(*(LargePlace*)bytes) : default;
            item = large.Length > 0 ? TakenBytes<T>.FromLarge(slot.Kind, _large, large) : TakenBytes<T>.From(slot.Kind, new ReadOnlySpan<byte>(bytes, slot.Length));
            Step(QueueStep.Copied);
            if (item.IsLost) _header->Lost++;
            else Account(taken, 1);
            CheckTakeInvariantsLocked(head + 1);
            Volatile.Write(ref _header->Head, head + 1); // SYNC: slot freed
            Step(QueueStep.Taken);
            if (large.Length > 0) _large.FreeClaimed(large);
        }
        finally
        {
            GiveBack();
        }

        _room.WakeAllAfterFence(); // waiters need room of different lengths: one that is woken alone might need more than there is
        if (isLive) _liveTaken.WakeAll();
        return true;
    }

    private bool HasLargeRoomLocked(int length) =>
        !_arena.IsLarge(length) || _large.HasRoomLocked(length) || (IsEmpty && TryFreeAllLocked());

    // A consumer died before it freed the bytes that it took.
    private bool TryFreeAllLocked()
    {
        if (!TryClaim()) return false;
        try
        {
            if (!IsEmpty) return false;
            _large.FreeAllClaimed();
            return true;
        }
        finally
        {
            GiveBack();
        }
    }

    private bool TryReserveLocked(long tail, int length, out long start)
    {
        long head = Volatile.Read(ref _header->Head); // SYNC: slot freed
        if ((ulong)(tail - head) > (ulong)_capacity) throw Impossible(head, tail);
        return _arena.TryReserve(head, tail, length, out start);
    }

    // Drops the oldest item of a full ring that does not wait.
    private void DropClaimed(long head)
    {
        LargePlace large = default;
        if (_layout.ArenaSize > 0 && _arena.Read(head, out byte* bytes).IsLarge)
            large = _large.CheckedClaimed(*(LargePlace*)bytes);
        Volatile.Write(ref _header->Head, head + 1); // SYNC: slot freed
        Step(QueueStep.Taken);
        if (large.Length > 0) _large.FreeClaimed(large);
    }
}
