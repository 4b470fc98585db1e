namespace Samovar.Ipc;

/// <summary>The worker's side of the slots.</summary>
internal sealed class WorkerSlots
{
    private readonly SlotWords _words;

    public WorkerSlots(SlotWords words) => _words = words;

    /// <summary>
    /// Sent → Started. True: run the item and answer it. False: the parent took it back; skip it and answer nothing.
    /// </summary>
    public bool TryStart(ItemTicket ticket)
    {
        ulong sent = SlotWords.Pack(ticket.Generation, ItemSlotState.Sent);
        ulong started = SlotWords.Pack(ticket.Generation, ItemSlotState.Started);
        return Interlocked.CompareExchange(ref _words[ticket.Slot], started, sent) == sent; // SYNC: item word
    }
}
