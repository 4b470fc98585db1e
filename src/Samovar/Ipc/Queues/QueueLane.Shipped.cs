namespace Samovar.Ipc;

// Items that are shipped: a slot tells where in the lane's arena the bytes lie. The arena is a ring too; what is free is what lies
// outside of the slots in use, so it needs no counts of its own.
internal sealed unsafe partial class QueueLane
{
    private readonly Queue<(long Position, IDisposable Kept)> _kept = new(); // for takers still to come; its own lock, since it outlives the place in the queue

    /// <summary>Items longer than this get a segment of their own.</summary>
    public long LongestInside => _layout.ArenaSize / 2;

    /// <summary>Puts the bytes of one.</summary>
    /// <param name="item">Copied.</param>
    /// <param name="kept">Held until the item was taken.</param>
    public PutOutcome TryPut(in ShippedBytes item, IDisposable? kept)
    {
        Lock();
        long room = 0;
        try
        {
            if (IsCompleted)
                return PutOutcome.Completed;
            long tail = _header->Tail;
            if (_kept.Count > 0)
                ReleaseTaken();
            long start;
            while ((room = RoomLocked(tail, 1)) <= 0 || !TryReserveLocked(tail, item.Length, out start))
            {
                if (_layout.FullMode == ProcessQueueFullMode.Wait)
                    return PutOutcome.Full;
                if (!MakeRoomLocked())
                {
                    kept?.Dispose();
                    return PutOutcome.Put;
                }
            }

            item.CopyTo(new Span<byte>(_arena + start, item.Length));
            *(ShippedSlot*)Slot<ShippedSlot>(tail) = new ShippedSlot(start, item.Length, item.Kind);
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
        if (room > 1)
            _room.WakeOneAfterFence();
        return PutOutcome.Put;
    }

    /// <summary>Whether an item of that length could be put now.</summary>
    public bool HasRoomFor(int length)
    {
        Lock();
        try
        {
            long tail = _header->Tail;
            return RoomLocked(tail, 1) > 0 && TryReserveLocked(tail, length, out _);
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
        try
        {
            long head = _header->Head;
            if (CountClaimed(head, 1) == 0)
                return false;
            item = TakenBytes<T>.From(Checked(*(ShippedSlot*)Slot<ShippedSlot>(head), out byte* bytes), bytes);
            Step(QueueStep.Copied);
            if (item.IsLost)
                _header->Lost++;
            else
                Account(taken, 1);
            Volatile.Write(ref _header->Head, head + 1); // SYNC: slot given back
            Step(QueueStep.Taken);
        }
        finally
        {
            GiveBack();
        }

        _room.WakeOneAfterFence();
        return true;
    }

    /// <summary>Lets go of what takers have by now.</summary>
    /// <returns>Whether nothing is held any more.</returns>
    public bool ReleaseTaken()
    {
        lock (_kept)
        {
            long head = Volatile.Read(ref _header->Head); // SYNC: slot given back
            while (_kept.TryPeek(out var first) && first.Position < head)
                _kept.Dequeue().Kept.Dispose();
            return _kept.Count == 0;
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

    private ShippedSlot Checked(ShippedSlot slot, out byte* bytes)
    {
        if (slot.Start < 0 || slot.Start % 8 != 0 || slot.Length < 0 || slot.Start > _layout.ArenaSize - slot.Length)
            throw new ChannelCorruptedException($"An item of {slot.Length} bytes at {slot.Start} does not lie in an arena of {_layout.ArenaSize} bytes.");
        bytes = _arena + slot.Start;
        return slot;
    }
}
