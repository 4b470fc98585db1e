namespace Samovar.Ipc.Channel;

/// <summary>One use of one slot. It travels in the item's record and comes back in its result.</summary>
/// <param name="Slot">Which slot.</param>
/// <param name="Generation">How often the slot has been used; 61 bits, so it never comes round.</param>
internal readonly record struct ItemTicket(int Slot, ulong Generation);
