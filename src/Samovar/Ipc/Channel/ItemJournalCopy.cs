namespace Samovar.Ipc.Channel;

/// <summary>What the journal of a dead worker says of one batch. Nothing of it is believed before it is checked.</summary>
/// <param name="Sent">Items whose results are in the result ring.</param>
/// <param name="Begun">Items that have begun.</param>
/// <param name="Ended">Items that have ended.</param>
/// <param name="IsOfTicket">Whether it names that batch; where it names another, the numbers are 0.</param>
/// <param name="Entries">What the items from <paramref name="Sent"/> on have brought, and meaningless bytes behind it.</param>
internal readonly record struct ItemJournalCopy(int Sent, int Begun, int Ended, bool IsOfTicket, byte[] Entries)
{
    /// <summary>Whether a sound worker can have left it behind.</summary>
    public bool IsSound => Sent >= 0 && Ended >= 0 && Ended <= Begun && Begun - Ended <= 1 && Sent <= Begun;

    /// <summary>How many entries there are; none for a worker that died just when it had noted that the item that ran is in the ring.</summary>
    public int EntryCount => Math.Max(Ended - Sent, 0);

    /// <summary>Reads the journal of a worker that has ended. Where it names another ticket, none of the items has begun, or all that the
    /// worker ran of them were answered.</summary>
    public static unsafe ItemJournalCopy Of(byte* start, int length, ItemTicket ticket)
    {
        var header = (ItemJournalHeader*)start;
        if (Volatile.Read(ref header->Generation) != ticket.Generation || Volatile.Read(ref header->Slot) != ticket.Slot) return new(0, 0, 0, IsOfTicket: false, []);
        return new(
            Volatile.Read(ref header->Sent), Volatile.Read(ref header->Begun), Volatile.Read(ref header->Ended), IsOfTicket: true,
            new ReadOnlySpan<byte>(start + ItemJournalHeader.HeaderSize, length - ItemJournalHeader.HeaderSize).ToArray());
    }
}
