using System.Runtime.InteropServices;

namespace Samovar.Ipc.Channel;

/// <summary>The first bytes of a channel's item journal; docs/reference/ipc-format.md holds the same table and a test compares them.</summary>
/// <remarks>
/// The worker alone writes, and the parent reads only after the worker's death. Rules:
/// <list type="number">
/// <item>A worker that dies leaves what it had written up to one point of its program and nothing after it, so the order of the stores
/// is all that counts. Each field below is stored with release: no compiler may move it.</item>
/// <item>A journal is opened for a ticket with all counts zero before <see cref="Generation"/> names it. A journal that names another
/// ticket therefore says that none of this ticket's items has begun.</item>
/// <item><see cref="Begun"/> rises before an item runs; its entry is complete before <see cref="Ended"/> rises. So item
/// <see cref="Ended"/> was running exactly where <see cref="Begun"/> is one more.</item>
/// <item>The entries are those of the items from <see cref="Sent"/> to <see cref="Ended"/>; what came before them is in the result ring,
/// published before <see cref="Sent"/> rose. An item that goes straight into the ring lets <see cref="Sent"/> rise first.</item>
/// </list>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct ItemJournalHeader
{
    /// <summary>Bytes before the entries.</summary>
    public const int HeaderSize = 64;

    [FieldOffset(0)] public ulong Generation;
    [FieldOffset(8)] public int Slot;

    /// <summary>Items whose results went into the result ring.</summary>
    [FieldOffset(12)] public int Sent;

    /// <summary>Items that have begun.</summary>
    [FieldOffset(16)] public int Begun;

    /// <summary>Items whose result or error is kept, here or in the result ring.</summary>
    [FieldOffset(20)] public int Ended;
}
