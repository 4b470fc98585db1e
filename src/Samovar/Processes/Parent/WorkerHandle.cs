using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Inspection;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>The executor's view of one worker. Members marked "gate" and "turn" need that lock of the <see cref="ProcessPool"/>; those marked
/// "drain" belong to the draining thread; the others never change.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class WorkerHandle(int number, string name, WorkerChannelSetup setup)
{
    private string? _killReason;
    private string? _exitReason;
    private bool _isCorrupted;
    private int _ringers;
    private readonly SerializedTask?[] _sent = new SerializedTask?[setup.Channel.Slots.FreeCount];

    public int Number => number;

    public WorkerChannelSetup Setup => setup;

    public ParentChannel Channel => setup.Channel;

    public WorkerProcess Process => setup.Process;

    public WorkerIdentity Identity { get; } = new(number, name) { ProcessId = setup.Process.Id };

    /// <summary>Reads the results of the worker; only the draining thread adds definitions.</summary>
    public ShippingReader Reader { get; } = new();

    /// <summary>Reads what the worker writes to stdout and stderr; null if its output is not read.</summary>
    public WorkerOutputReader? Lines { get; init; }

    /// <summary>When the worker was launched, became ready and exited; null for the child of a program, which is no worker.</summary>
    public WorkerLife? Life { get; init; }

    /// <summary>Where the worker records its tasks; null if it does not.</summary>
    public RecordingInvitation? Recording { get; init; }

    /// <summary>Drain: checks the memory of the worker; null if it has no limit.</summary>
    public MemoryGuard? Memory { get; init; }

    /// <summary>Turn: the output of the current task, if the worker sends it in a record.</summary>
    public string? ToldOutput { get; set; }

    /// <summary>The state of the worker. Written under the gate, also read without it. Changes are recorded in <see cref="Life"/>.</summary>
    public WorkerPhase State
    {
        get;
        set
        {
            field = value;
            if (value == WorkerPhase.Spare)
            {
                WasReady = true;
                Life?.Ready();
            }

            if (value == WorkerPhase.Ending) Life?.Ending();
            else if (value == WorkerPhase.Gone) Life?.Exited();
        }
    }

    /// <summary>Drain: whether the worker was ready for tasks.</summary>
    public bool WasReady { get; private set; }

    /// <summary>Turn: whether the worker has sent the result of its exit hook, or is listed as one without.</summary>
    public bool HasExitResult { get; set; }

    /// <summary>Gate: how many tasks the worker has without a result.</summary>
    public int Out { get; set; }

    /// <summary>Gate: how many tasks the worker was sent since its start, without revoked ones.</summary>
    public long Given { get; set; }

    /// <summary>Gate: how many results the worker keeps.</summary>
    public int KeptCount { get; set; }

    /// <summary>Gate: the tasks that take one of them and were not sent; null if there never was one.</summary>
    public Queue<Future>? Waiting { get; set; }

    /// <summary>Gate: how many definitions the worker was sent.</summary>
    public int DefinitionsSent { get; set; }

    /// <summary>Gate: the shared work that the worker has, with the number of messages that were sent for its live values.</summary>
    public Dictionary<int, int> Works { get; } = [];

    /// <summary>Gate: when the worker became idle, by the executor's clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>Gate: records for which the ring had no room; they are sent before anything else.</summary>
    public Queue<(RecordTag Tag, byte[] Record)> Overflow { get; } = new();

    /// <summary>Why the worker was killed or must be killed; null if there is no reason. Any thread sets it; only the first reason is
    /// kept.</summary>
    public string? KillReason => Volatile.Read(ref _killReason);

    /// <summary>Why the worker exits or must exit although its executor still needs it, one of <see cref="WorkerExitReason"/>; null if there is no such
    /// reason. Any thread sets it.</summary>
    public string? ExitReason
    {
        get => Volatile.Read(ref _exitReason);
        set => Volatile.Write(ref _exitReason, value);
    }

    /// <summary>Turn: whether a message of the worker was lost, which may have been the result of a task that it had started.</summary>
    public bool HasLostMessage { get; set; }

    /// <summary>Turn: when the worker was requested to exit, or when its exit hook returned, as a Stopwatch timestamp.</summary>
    public long EndingSince { get; set; }

    /// <summary>Gate: when its last result was read, or when it was last sent a task while it had none; a Stopwatch timestamp.</summary>
    public long LastResultAt { get; set; }

    /// <summary>Drain: the tickets of tasks with a result, whose slots must be freed.</summary>
    public List<ItemTicket> FinishedTickets { get; } = [];

    /// <summary>Drain: how long those tasks ran in total.</summary>
    public long FinishedElapsed { get; set; }

    /// <summary>Gate: whether the channel may be unmapped because no thread is ringing its bell.</summary>
    public bool IsUnused => Volatile.Read(ref _ringers) == 0;

    /// <summary>Gate: announces that the bell will be rung after the gate is left.</summary>
    public void BeginRing() => Interlocked.Increment(ref _ringers);

    /// <summary>Rings the bell; called once for each <see cref="BeginRing"/>.</summary>
    public void Ring()
    {
        try
        {
            Channel.WorkerBell.Ring();
        }
        finally
        {
            Interlocked.Decrement(ref _ringers); // otherwise, the worker would never be reaped
        }
    }

    /// <summary>Marks the worker as one that must be killed. Returns false if it was marked before.</summary>
    public bool TryRequestKill(string reason) => Interlocked.CompareExchange(ref _killReason, reason, null) is null;

    /// <summary>Whether the worker wrote invalid data; what it reports about its tasks is then not trusted either.</summary>
    public bool IsCorrupted => Volatile.Read(ref _isCorrupted);

    /// <summary>Marks the worker as one that wrote invalid data and must be killed.</summary>
    public void MarkCorrupted(string reason)
    {
        Volatile.Write(ref _isCorrupted, true);
        TryRequestKill(reason);
    }

    /// <summary>Returns the task in a slot that was sent and has no result; otherwise, null, also for slots that do not exist.</summary>
    public SerializedTask? SentIn(int slot) => (uint)slot < (uint)_sent.Length ? Volatile.Read(ref _sent[slot]) : null; // SYNC: slot taken

    /// <summary>Whether the task, as sent with this ticket, has no result yet.</summary>
    public bool Holds(SerializedTask task, ItemTicket ticket) => ReferenceEquals(SentIn(ticket.Slot), task) && task.Ticket == ticket;

    /// <summary>Records which task was sent in a slot. The gate is needed to set it; the draining thread clears it when it reads a
    /// result.</summary>
    public void SetSent(int slot, SerializedTask? task) => Volatile.Write(ref _sent[slot], task); // SYNC: slot taken

    /// <summary>Gate: takes a slot for a task that is sent. Returns false if the task was cancelled meanwhile.</summary>
    public bool TryTakeSlot(SerializedTask task)
    {
        var future = task.Future;
        int attempt = future.Attempt;
        if (!future.TrySend()) return false;
        Channel.Slots.TrySend(out var ticket);
        task.Worker = this;
        task.Ticket = ticket;
        task.Attempt = attempt;
        task.DropParts();
        SetSent(ticket.Slot, task);
        if (Out++ == 0) LastResultAt = Stopwatch.GetTimestamp();
        Given++;
        return true;
    }

    /// <summary>Gate: returns all tasks that were sent and have no result, the oldest first.</summary>
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

    /// <summary>Drain: returns the first task in flight for which <paramref name="match"/> returns true.</summary>
    public SerializedTask? FindSent(Predicate<SerializedTask> match)
    {
        for (int slot = 0; slot < _sent.Length; slot++)
        {
            if (SentIn(slot) is { } task && match(task)) return task;
        }

        return null;
    }

    /// <summary>Returns when a task has started, by the executor's clock: as long ago as the worker reports, but not before its submission, because
    /// the worker is not trusted and another clock may run differently.</summary>
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

    /// <summary>Turn: opens the bytes of a message. Returns false if the message is lost, together with a worker that died while it waited for the
    /// message to be opened. Everything else that the worker wrote is valid.</summary>
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

            // A running worker whose message cannot be opened is killed; the task whose result the message is fails with it.
            if (Process.Exit is null && TryRequestKill($"its messages cannot be read: {error.Message}")) Process.Kill();
            body = default;
            return false;
        }
    }

    /// <summary>Gate: writes a record that is no task; the record waits if the ring has no room now.</summary>
    public void Write(RecordTag tag, byte[] record)
    {
        if (Overflow.Count > 0 || !Channel.TryWrite(record, (ushort)tag)) Overflow.Enqueue((tag, record));
    }

    /// <summary>Gate: writes the waiting records. Returns true if none is left.</summary>
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
