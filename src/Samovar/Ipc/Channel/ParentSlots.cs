namespace Samovar.Ipc.Channel;

/// <summary>The parent's side of the slots: hands out tickets, takes unstarted items back.</summary>
/// <remarks>
/// <see cref="TrySend"/> and <see cref="Free"/> are called by one thread at a time (under the lock that also guards the work
/// ring's writer); <see cref="TryRevoke"/> and <see cref="StateOf"/> by any thread. The parent believes its own generations
/// only: whatever else stands in a word is the worker's doing.
/// </remarks>
internal sealed class ParentSlots
{
    private readonly SlotWords _words;
    private readonly ulong[] _generations;
    private readonly bool[] _out;
    private readonly int[] _free;
    private int _freeCount;

    public ParentSlots(SlotWords words)
    {
        _words = words;
        _generations = new ulong[words.Count];
        _out = new bool[words.Count];
        _free = new int[words.Count];
        for (int slot = words.Count - 1; slot >= 0; slot--) _free[_freeCount++] = slot;
    }

    /// <summary>Slots not in use.</summary>
    public int FreeCount => _freeCount;

    /// <summary>Takes a slot and marks it sent. Publish the item's record after this, never before.</summary>
    /// <returns>False where every slot is in use.</returns>
    public bool TrySend(out ItemTicket ticket)
    {
        if (_freeCount == 0)
        {
            ticket = default;
            return false;
        }

        int slot = _free[--_freeCount];
        _out[slot] = true;
        ulong generation = _generations[slot] + 1;
        Volatile.Write(ref _generations[slot], generation); // SYNC: newest generation. Before the word: who sees that sees this.
        Volatile.Write(ref _words[slot], SlotWords.Pack(generation, ItemSlotState.Sent)); // SYNC: item word
        ticket = new ItemTicket(slot, generation);
        return true;
    }

    /// <summary>
    /// Sent → Revoked. True: the item never begins on that worker. False: it has begun, or the ticket is spent.
    /// </summary>
    /// <exception cref="ChannelCorruptedException">The word holds something that no transition makes.</exception>
    public bool TryRevoke(ItemTicket ticket)
    {
        ulong sent = SlotWords.Pack(ticket.Generation, ItemSlotState.Sent);
        ulong revoked = SlotWords.Pack(ticket.Generation, ItemSlotState.Revoked);
        ulong found = Interlocked.CompareExchange(ref _words[ticket.Slot], revoked, sent); // SYNC: item word
        if (found == sent) return true;

        Check(ticket, found);
        return false;
    }

    /// <summary>Where the item stands; <see cref="ItemSlotState.Free"/> for a ticket that is spent.</summary>
    /// <exception cref="ChannelCorruptedException">The word holds something that no transition makes.</exception>
    public ItemSlotState StateOf(ItemTicket ticket)
    {
        ulong found = Volatile.Read(ref _words[ticket.Slot]); // SYNC: item word
        Check(ticket, found);
        return SlotWords.Generation(found) == ticket.Generation ? SlotWords.State(found) : ItemSlotState.Free;
    }

    /// <summary>When the worker says that it began the item; any number, and meaningless unless the item is started.</summary>
    public long StartOf(ItemTicket ticket) => Volatile.Read(ref _words.StartOf(ticket.Slot)); // SYNC: item start

    /// <summary>Started or Revoked → Free: the slot may be used again at once.</summary>
    /// <returns>False where the ticket is spent already or was never given: a worker that answers twice, or what it was not
    /// asked.</returns>
    public bool Free(ItemTicket ticket)
    {
        if ((uint)ticket.Slot >= (uint)_out.Length || !_out[ticket.Slot] || ticket.Generation != _generations[ticket.Slot])
            return false;

        Volatile.Write(ref _words[ticket.Slot], SlotWords.Pack(ticket.Generation, ItemSlotState.Free));
        _out[ticket.Slot] = false;
        _free[_freeCount++] = ticket.Slot;
        return true;
    }

    // A word of this or a later generation that was given, in a state that exists: the only ones the moves can leave behind for a ticket
    // once given.
    private void Check(ItemTicket ticket, ulong found)
    {
        ulong generation = SlotWords.Generation(found);
        if (generation < ticket.Generation || SlotWords.State(found) > ItemSlotState.Revoked
            || generation > Volatile.Read(ref _generations[ticket.Slot])) // SYNC: newest generation
        {
            throw new ChannelCorruptedException(
                $"Slot {ticket.Slot} holds {found:x16}, which no transition of generation {ticket.Generation} leaves behind. " +
                "The worker has overwritten it.");
        }
    }
}
