namespace Samovar.Ipc.Channel;

/// <summary>The journal entry of one batch, as a dead worker left it. Nothing in it is trusted before it is checked.</summary>
/// <param name="Sent">The number of items whose results are in the result ring.</param>
/// <param name="Begun">The number of items that have started.</param>
/// <param name="Ended">The number of items that have completed.</param>
/// <param name="IsOfTicket">Whether the journal names this batch; if it names another, the numbers are 0.</param>
/// <param name="Entries">The results of the items from <paramref name="Sent"/> on, followed by meaningless bytes.</param>
internal readonly record struct ItemJournalCopy(int Sent, int Begun, int Ended, bool IsOfTicket, byte[] Entries)
{
    /// <summary>Whether a correct worker can have left this journal.</summary>
    public bool IsSound => Sent >= 0 && Ended >= 0 && Ended <= Begun && Begun - Ended <= 1 && Sent <= Begun;

    /// <summary>The number of entries; 0 for a worker that died just after it had recorded that the running item's result is in the ring.</summary>
    public int EntryCount => Math.Max(Ended - Sent, 0);

    /// <summary>Reads the journal of a worker that has exited. If it names another ticket, none of the items has started, or the results of all items
    /// that the worker ran were sent.</summary>
    public static unsafe ItemJournalCopy Of(byte* start, int length, ItemTicket ticket)
    {
        var header = (ItemJournalHeader*)start;
        if (Volatile.Read(ref header->Generation) != ticket.Generation || Volatile.Read(ref header->Slot) != ticket.Slot) return new(0, 0, 0, IsOfTicket: false, []);
        return new(
            Volatile.Read(ref header->Sent), Volatile.Read(ref header->Begun), Volatile.Read(ref header->Ended), IsOfTicket: true,
            new ReadOnlySpan<byte>(start + ItemJournalHeader.HeaderSize, length - ItemJournalHeader.HeaderSize).ToArray());
    }
}
