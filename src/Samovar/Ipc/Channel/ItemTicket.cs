namespace Samovar.Ipc.Channel;

/// <summary>Identifies one use of a slot. It is sent in the item's record and returned in its result.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Generation">How often the slot has been used; 61 bits, so it never repeats.</param>
internal readonly record struct ItemTicket(int Slot, ulong Generation);
