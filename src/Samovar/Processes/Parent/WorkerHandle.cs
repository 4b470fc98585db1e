using System.Buffers;
using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>One worker as its executor has it. Members marked "gate" and "turn" need that lock of the <see cref="ProcessPool"/>; those marked
/// "drain" are the draining thread's alone; the rest never changes.</summary>
internal sealed class WorkerHandle(int number, string name, WorkerChannelSetup setup)
{
    private string? _killReason;
    private bool _isCorrupted;
    private int _ringers;
    private readonly SerializedTask?[] _sent = new SerializedTask?[setup.Channel.Slots.FreeCount];

    public int Number => number;

    public WorkerChannelSetup Setup => setup;

    public ParentChannel Channel => setup.Channel;

    public WorkerProcess Process => setup.Process;

    public WorkerIdentity Identity { get; } = new(number, name) { ProcessId = setup.Process.Id };

    /// <summary>Reads its results; definitions are the draining thread's to add.</summary>
    public ShippingReader Reader { get; } = new();

    /// <summary>What it writes to stdout and stderr; null where nobody reads that.</summary>
    public WorkerOutputReader? Lines { get; init; }

    /// <summary>Drain: watches over its memory; null where that has no limit.</summary>
    public MemoryGuard? Memory { get; init; }

    /// <summary>Turn: what the task at hand wrote, where the worker says so itself.</summary>
    public string? ToldOutput { get; set; }

    /// <summary>Gate, but also read without it.</summary>
    public WorkerState State { get; set; }

    /// <summary>Gate: tasks it has and has not answered.</summary>
    public int Out { get; set; }

    /// <summary>Gate: tasks it was ever given.</summary>
    public long Given { get; set; }

    /// <summary>Gate: definitions it has.</summary>
    public int DefinitionsSent { get; set; }

    /// <summary>Gate: the shared work it has, and how many messages for the live values in that.</summary>
    public Dictionary<int, int> Works { get; } = [];

    /// <summary>Gate: when it went idle, by the executor's clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>Gate: records that found no room, to go before anything else.</summary>
    public Queue<(RecordTag Tag, byte[] Record)> Overflow { get; } = new();

    /// <summary>Why it was, or is to be, killed; null for nothing. Any thread sets it, the first reason stays.</summary>
    public string? KillReason => Volatile.Read(ref _killReason);

    /// <summary>Turn: whether a message of it was lost, which may have been the result of a task that it had begun.</summary>
    public bool HasLostMessage { get; set; }

    /// <summary>Gate: when it was told to end, as a Stopwatch timestamp.</summary>
    public long EndingSince { get; set; }

    /// <summary>Gate: when its last result came, or when it was last given work while it had none; a Stopwatch timestamp.</summary>
    public long LastResultAt { get; set; }

    /// <summary>Drain: answered tasks whose slots are to be freed.</summary>
    public List<ItemTicket> FinishedTickets { get; } = [];

    /// <summary>Drain: how long those took together.</summary>
    public long FinishedElapsed { get; set; }

    /// <summary>Gate: whether its channel may be unmapped: nobody is ringing its bell.</summary>
    public bool IsUnused => Volatile.Read(ref _ringers) == 0;

    /// <summary>Gate: the bell will be rung after the gate is left.</summary>
    public void BeginRing() => Interlocked.Increment(ref _ringers);

    /// <summary>Rings the bell; once for each <see cref="BeginRing"/>.</summary>
    public void Ring()
    {
        Channel.WorkerBell.Ring();
        Interlocked.Decrement(ref _ringers);
    }

    /// <summary>Marks the worker as one that has to be killed. False: it was marked before.</summary>
    public bool TryRequestKill(string reason) => Interlocked.CompareExchange(ref _killReason, reason, null) is null;

    /// <summary>Whether it wrote what no sound worker writes: what it says of its tasks cannot be believed either.</summary>
    public bool IsCorrupted => Volatile.Read(ref _isCorrupted);

    /// <summary>Marks it as one that has to be killed for what it wrote.</summary>
    public void MarkCorrupted(string reason)
    {
        Volatile.Write(ref _isCorrupted, true);
        TryRequestKill(reason);
    }

    /// <summary>What was sent in a slot and not answered; null for nothing, also for slots that do not exist.</summary>
    public SerializedTask? SentIn(int slot) => (uint)slot < (uint)_sent.Length ? Volatile.Read(ref _sent[slot]) : null; // SYNC: slot taken

    /// <summary>Whether this very sending is not answered yet.</summary>
    public bool Holds(SerializedTask task, ItemTicket ticket) => ReferenceEquals(SentIn(ticket.Slot), task) && task.Ticket == ticket;

    /// <summary>Notes what is sent in a slot. Gate to set, drain to clear by a result.</summary>
    public void SetSent(int slot, SerializedTask? task) => Volatile.Write(ref _sent[slot], task); // SYNC: slot taken

    /// <summary>Gate: everything that was sent and not answered, the oldest task first.</summary>
    public List<SerializedTask> InFlight()
    {
        List<SerializedTask> found = [];
        for (int slot = 0; slot < _sent.Length; slot++)
        {
            if (Volatile.Read(ref _sent[slot]) is { } task) found.Add(task);
        }

        found.Sort(static (a, b) => a.Future.Id.CompareTo(b.Future.Id));
        return found;
    }

    /// <summary>Drain: the first of what was sent and not answered for which <paramref name="match"/> is true.</summary>
    public SerializedTask? FindSent(Predicate<SerializedTask> match)
    {
        for (int slot = 0; slot < _sent.Length; slot++)
        {
            if (SentIn(slot) is { } task && match(task)) return task;
        }

        return null;
    }

    /// <summary>When a task that has begun did so, by the executor's clock: as long ago as the worker says, and not before it was
    /// submitted, since the worker may say anything, and another clock may run differently.</summary>
    public long BeganAt(SerializedTask task, TimeProvider time)
    {
        long began = Channel.Slots.StartOf(task.Ticket);
        long now = time.GetTimestamp();
        if (time != TimeProvider.System)
        {
            double ago = Stopwatch.GetTimestamp() - began;
            began = now - (long)Math.Clamp(ago * time.TimestampFrequency / Stopwatch.Frequency, 0, long.MaxValue / 4);
        }

        return Math.Clamp(began, task.Future.SubmittedTimestamp, Math.Max(now, task.Future.SubmittedTimestamp));
    }

    /// <summary>Turn: gives the bytes of a message. False: it is lost, with a worker that died while it waited for this. Everything else that it wrote
    /// is sound.</summary>
    public bool TryOpen(RingMessage message, out OpenMessage body)
    {
        try
        {
            body = Channel.Open(message);
            return true;
        }
        catch (IOException error) when (error is not ChannelCorruptedException)
        {
            HasLostMessage = true;

            // A worker that lives, and whose message cannot be opened, is killed; the task whose result the message is ends with it.
            if (Process.Exit is null && TryRequestKill($"what it wrote cannot be read: {error.Message}")) Process.Kill();
            body = default;
            return false;
        }
    }

    /// <summary>Gate: writes a record that is no task; it waits where the ring has no room now.</summary>
    public void Write(RecordTag tag, byte[] record)
    {
        if (Overflow.Count > 0 || !Channel.TryWrite(record, (ushort)tag)) Overflow.Enqueue((tag, record));
    }

    /// <summary>Gate: writes what waits. True when nothing does any more.</summary>
    public bool TryFlush()
    {
        while (Overflow.TryPeek(out var first))
        {
            if (!Channel.TryWrite(first.Record, (ushort)first.Tag)) return false;
            Overflow.Dequeue();
        }

        return true;
    }

    /// <summary>Gate: sends the definitions that a body needs and this worker lacks.</summary>
    public void Define(ShippingWriter writer, int needed)
    {
        if (needed <= DefinitionsSent) return;
        var block = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(DefinitionsSent, needed, block);
        Write(RecordTag.Definitions, block.WrittenSpan.ToArray());
        DefinitionsSent = needed;
    }
}
