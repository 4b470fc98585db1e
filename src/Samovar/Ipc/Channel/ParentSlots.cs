namespace Samovar.Ipc.Channel;

/// <summary>The parent's side of the slots: issues tickets, and revokes items that have not started.</summary>
/// <remarks>
/// <see cref="TrySend"/> and <see cref="Free"/> are called by one thread at a time (under the lock that also guards the work ring's writer);
/// <see cref="TryRevoke"/> and <see cref="StateOf"/> by any thread. The parent trusts only its own generations: the worker can write anything else
/// into a word.
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

    /// <summary>The number of free slots.</summary>
    public int FreeCount => _freeCount;

    /// <summary>Takes a slot and marks it as sent. The item's record is published after this, never before.</summary>
    /// <returns>False if all slots are in use.</returns>
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
        Volatile.Write(ref _generations[slot], generation); // SYNC: newest generation. Before the word: a thread that sees the word sees this.
        Volatile.Write(ref _words[slot], SlotWords.Pack(generation, ItemSlotState.Sent)); // SYNC: item word
        ticket = new ItemTicket(slot, generation);
        return true;
    }

    /// <summary>
    /// Sent → Revoked. True if the item never starts in that worker; false if it has started, or the ticket is no longer in use.
    /// </summary>
    /// <exception cref="ChannelCorruptedException">The word has a value that no transition produces.</exception>
    public bool TryRevoke(ItemTicket ticket)
    {
        ulong sent = SlotWords.Pack(ticket.Generation, ItemSlotState.Sent);
        ulong revoked = SlotWords.Pack(ticket.Generation, ItemSlotState.Revoked);
        ulong found = Interlocked.CompareExchange(ref _words[ticket.Slot], revoked, sent); // SYNC: item word
        if (found == sent) return true;

        Check(ticket, found);
        return false;
    }

    /// <summary>The state of the item; <see cref="ItemSlotState.Free"/> if the ticket is no longer in use.</summary>
    /// <exception cref="ChannelCorruptedException">The word has a value that no transition produces.</exception>
    public ItemSlotState StateOf(ItemTicket ticket)
    {
        ulong found = Volatile.Read(ref _words[ticket.Slot]); // SYNC: item word
        Check(ticket, found);
        return SlotWords.Generation(found) == ticket.Generation ? SlotWords.State(found) : ItemSlotState.Free;
    }

    /// <summary>The time at which the worker reports to have started the item. It can be any number, and is meaningless unless the item has
    /// started.</summary>
    public long StartOf(ItemTicket ticket) => Volatile.Read(ref _words.StartOf(ticket.Slot)); // SYNC: item start

    /// <summary>Started or Revoked → Free: the slot can be used again at once.</summary>
    /// <returns>False if the ticket is no longer in use or was never issued: a worker has sent a second result, or one that was not
    /// requested.</returns>
    public bool Free(ItemTicket ticket)
    {
        if ((uint)ticket.Slot >= (uint)_out.Length || !_out[ticket.Slot] || ticket.Generation != _generations[ticket.Slot])
            return false;

        Volatile.Write(ref _words[ticket.Slot], SlotWords.Pack(ticket.Generation, ItemSlotState.Free));
        _out[ticket.Slot] = false;
        _free[_freeCount++] = ticket.Slot;
        return true;
    }

    // A word of this or a later issued generation, in a defined state: the transitions produce no other words for a ticket that was issued.
    private void Check(ItemTicket ticket, ulong found)
    {
        ulong generation = SlotWords.Generation(found);
        if (generation < ticket.Generation || SlotWords.State(found) > ItemSlotState.Revoked
            || generation > Volatile.Read(ref _generations[ticket.Slot])) // SYNC: newest generation
        {
            throw new ChannelCorruptedException(
                $"Slot {ticket.Slot} has the value {found:x16}, which no transition of generation {ticket.Generation} produces. " +
                "The worker has overwritten it.");
        }
    }
}
