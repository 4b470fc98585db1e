using System.Runtime.InteropServices;

namespace Samovar.Ipc.Channel;

/// <summary>The first bytes of a channel's item journal. docs/reference/ipc-format.md has the same table, and a test compares them.</summary>
/// <remarks>
/// Only the worker writes, and the parent reads only after the worker's death. Rules:
/// <list type="number">
/// <item>A worker that dies leaves what it has written up to one point of its program and nothing after it, so only the order of the stores matters.
/// Each field below is stored with release, so that no compiler moves the store.</item>
/// <item>A journal is opened for a ticket with all counts zero before <see cref="Generation"/> names the ticket. A journal that names another ticket
/// therefore means that none of this ticket's items has started.</item>
/// <item><see cref="Begun"/> rises before an item runs; the item's entry is complete before <see cref="Ended"/> rises. So item <see cref="Ended"/>
/// was running exactly if <see cref="Begun"/> is one more.</item>
/// <item>The entries are those of the items from <see cref="Sent"/> to <see cref="Ended"/>. Earlier results are in the result ring, published before
/// <see cref="Sent"/> rose. For an item whose result is written directly into the ring, <see cref="Sent"/> rises first.</item>
/// </list>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct ItemJournalHeader
{
    /// <summary>The number of bytes before the entries.</summary>
    public const int HeaderSize = 64;

    [FieldOffset(0)] public ulong Generation;
    [FieldOffset(8)] public int Slot;

    /// <summary>The number of items whose results were written into the result ring.</summary>
    [FieldOffset(12)] public int Sent;

    /// <summary>The number of items that have started.</summary>
    [FieldOffset(16)] public int Begun;

    /// <summary>The number of items whose result or error is stored, here or in the result ring.</summary>
    [FieldOffset(20)] public int Ended;
}
