namespace Samovar.Ipc;

// Items that are shipped: a slot tells where in the lane's arena the bytes lie. The arena is a ring too; what is free is what lies
// outside of the slots in use, so it needs no counts of its own.
internal sealed unsafe partial class QueueLane
{
    private readonly Queue<(long Position, IDisposable Kept)> _kept = new(); // for takers still to come; its own lock, since it outlives the place in the queue

    /// <summary>Items longer than this are large ones.</summary>
    public long LongestInside => _layout.ArenaSize / 2;

    /// <summary>Puts the bytes of one.</summary>
    /// <param name="item">Copied.</param>
    /// <param name="kept">Held until the item was taken.</param>
    public PutOutcome TryPut(in ShippedBytes item, IDisposable? kept)
    {
        Lock();
        try
        {
            if (IsCompleted)
                return PutOutcome.Completed;
            long tail = _header->Tail;
            long start, head = Volatile.Read(ref _header->Head);
            while (RoomLocked(tail, 1) <= 0 || !HasLargeRoomLocked(item.Length) || !TryReserveLocked(tail, LengthInside(item.Length), out start))
            {
                if (_layout.FullMode == ProcessQueueFullMode.Wait)
                    return PutOutcome.Full;
                if (!MakeRoomLocked(head))
                {
                    kept?.Dispose();
                    return PutOutcome.Put;
                }

                head = Volatile.Read(ref _header->Head);
            }

            if (IsLarge(item.Length))
                *(LargePlace*)(_arena + start) = WriteLargeLocked(item.Bytes);
            else
                item.Bytes.CopyTo(new Span<byte>(_arena + start, item.Length));
            *(ShippedSlot*)Slot<ShippedSlot>(tail) = new ShippedSlot(start, LengthInside(item.Length), item.KindAs(IsLarge(item.Length)));
            if (kept is not null)
            {
                lock (_kept) _kept.Enqueue((tail, kept));
            }

            Step(QueueStep.Written);
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
            return RoomLocked(tail, 1) > 0 && HasLargeRoomLocked(length) && TryReserveLocked(tail, LengthInside(length), out _);
        }
        finally
        {
            Unlock();
        }
    }

    /// <summary>Takes one, unless there is none or another is taking.</summary>
    public bool TryTake<T>(long* taken, out TakenBytes<T> item)
    {
        item = default;
        if (IsEmptySeen || !TryClaim())
            return false;
        bool isLive = false;
        try
        {
            long head = _header->Head;
            if (CountClaimed(head, 1) == 0)
                return false;
            ShippedSlot slot = Checked(*(ShippedSlot*)Slot<ShippedSlot>(head), out byte* bytes);
            isLive = slot.Kind is ShippedKind.Live or ShippedKind.LargeLive;
            LargePlace large = IsLarge(slot.Kind) ? Checked(*(LargePlace*)bytes) : default;
            item = large.Length > 0 ? TakenBytes<T>.FromLarge(slot.Kind, (int)large.Length, this, large) : TakenBytes<T>.From(slot.Kind, new ReadOnlySpan<byte>(bytes, slot.Length));
            Step(QueueStep.Copied);
            if (item.IsLost)
                _header->Lost++;
            else
                Account(taken, 1);
            Volatile.Write(ref _header->Head, head + 1); // SYNC: slot given back
            Step(QueueStep.Taken);
            if (large.Length > 0)
                FreeLargeClaimed(large);
        }
        finally
        {
            GiveBack();
        }

        _room.WakeAllAfterFence(); // they wait for room of different lengths: the one that is woken might need more than there is
        if (isLive)
            _liveTaken.WakeAll();
        return true;
    }

    /// <summary>Whether a taker has by now what is held for it.</summary>
    public bool HasTakenKept
    {
        get
        {
            lock (_kept) return _kept.TryPeek(out var first) && first.Position < Volatile.Read(ref _header->Head);
        }
    }

    /// <summary>Lets go of what takers have by now.</summary>
    /// <returns>Whether nothing is held any more.</returns>
    public bool ReleaseTaken()
    {
        while (true)
        {
            IDisposable kept;
            using (GateEntry.HoldMonitorRegardless(_kept))
            {
                if (!_kept.TryPeek(out var first))
                    return true;
                if (first.Position >= Volatile.Read(ref _header->Head)) // SYNC: slot given back
                    return false;
                kept = _kept.Dequeue().Kept;
            }

            kept.Dispose(); // which may give much memory back, and takes its time
        }
    }

    // In use is what lies between the start of the oldest slot and the end of the newest, around the end if need be. The two never meet
    // while there is an item, so equal ends cannot be taken for an empty arena.
    private bool TryReserveLocked(long tail, int length, out long start)
    {
        long size = Math.Max(8, (length + 7L) & -8);
        long head = Volatile.Read(ref _header->Head); // SYNC: slot given back
        if ((ulong)(tail - head) > (ulong)_capacity)
            throw Impossible(head, tail);
        start = 0;
        if (head == tail)
            return size <= _layout.ArenaSize;
        ShippedSlot newest = Checked(*(ShippedSlot*)Slot<ShippedSlot>(tail - 1), out _);
        long oldest = Checked(*(ShippedSlot*)Slot<ShippedSlot>(head), out _).Start;
        long end = newest.Start + Math.Max(8, (newest.Length + 7L) & -8);
        if (end > oldest)
        {
            start = end;
            if (size <= _layout.ArenaSize - end)
                return true;
            start = 0;
            return size < oldest;
        }

        start = end;
        return size < oldest - end;
    }

    // The oldest item of a full lane that does not wait.
    private void DropClaimed(long head)
    {
        LargePlace large = default;
        if (_layout.ArenaSize > 0 && Checked(*(ShippedSlot*)Slot<ShippedSlot>(head), out byte* bytes) is var slot && IsLarge(slot.Kind))
            large = Checked(*(LargePlace*)bytes);
        Volatile.Write(ref _header->Head, head + 1); // SYNC: slot given back
        Step(QueueStep.Taken);
        if (large.Length > 0)
            FreeLargeClaimed(large);
    }

    private ShippedSlot Checked(ShippedSlot slot, out byte* bytes)
    {
        if (slot.Start < 0 || slot.Start % 8 != 0 || slot.Length < 0 || slot.Start > _layout.ArenaSize - slot.Length)
            throw new ChannelCorruptedException($"An item of {slot.Length} bytes at {slot.Start} does not lie in an arena of {_layout.ArenaSize} bytes.");
        if (IsLarge(slot.Kind) && slot.Length != sizeof(LargePlace))
            throw new ChannelCorruptedException($"The place of a large item has {slot.Length} bytes, expected {sizeof(LargePlace)}.");
        bytes = _arena + slot.Start;
        return slot;
    }
}
