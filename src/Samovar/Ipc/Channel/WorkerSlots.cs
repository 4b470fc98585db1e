namespace Samovar.Ipc.Channel;

/// <summary>The worker's side of the slots.</summary>
internal sealed class WorkerSlots
{
    private readonly SlotWords _words;

    public WorkerSlots(SlotWords words) => _words = words;

    /// <summary>An item that has been started begins only now: what came before is no time of its own.</summary>
    public void Restart(ItemTicket ticket, long now) => Volatile.Write(ref _words.StartOf(ticket.Slot), now); // SYNC: item start

    /// <summary>
    /// Sent → Started. True: run the item and write its result. False: the parent took it back; skip it and write nothing.
    /// </summary>
    /// <param name="ticket">The item.</param>
    /// <param name="now">A <see cref="System.Diagnostics.Stopwatch"/> timestamp, which parent and worker can compare.</param>
    public bool TryStart(ItemTicket ticket, long now)
    {
        // Before the state: who finds the item started finds its own start. One that was taken back leaves a wrong time behind, which
        // nobody reads until the next item of this slot has begun, here, and has written over it.
        Volatile.Write(ref _words.StartOf(ticket.Slot), now); // SYNC: item start
        ulong sent = SlotWords.Pack(ticket.Generation, ItemSlotState.Sent);
        ulong started = SlotWords.Pack(ticket.Generation, ItemSlotState.Started);
        return Interlocked.CompareExchange(ref _words[ticket.Slot], started, sent) == sent; // SYNC: item word
    }
}
