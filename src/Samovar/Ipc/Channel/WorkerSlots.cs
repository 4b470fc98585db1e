namespace Samovar.Ipc.Channel;

/// <summary>The worker's side of the slots.</summary>
internal sealed class WorkerSlots
{
    private readonly SlotWords _words;

    public WorkerSlots(SlotWords words) => _words = words;

    /// <summary>Sets the start time of a started item to now, so that earlier work is not part of its time.</summary>
    public void Restart(ItemTicket ticket, long now) => Volatile.Write(ref _words.StartOf(ticket.Slot), now); // SYNC: item start

    /// <summary>
    /// Sent → Started. True: run the item and write its result. False: the parent revoked it; skip it and write nothing.
    /// </summary>
    /// <param name="ticket">The item.</param>
    /// <param name="now">A <see cref="System.Diagnostics.Stopwatch"/> timestamp, which parent and worker can compare.</param>
    public bool TryStart(ItemTicket ticket, long now)
    {
        // The start time is written before the state: a thread that finds the item started finds its start time. For a revoked item a wrong time is
        // left, which is not read until this worker starts the next item of the slot and overwrites it.
        Volatile.Write(ref _words.StartOf(ticket.Slot), now); // SYNC: item start
        ulong sent = SlotWords.Pack(ticket.Generation, ItemSlotState.Sent);
        ulong started = SlotWords.Pack(ticket.Generation, ItemSlotState.Started);
        return Interlocked.CompareExchange(ref _words[ticket.Slot], started, sent) == sent; // SYNC: item word
    }
}
