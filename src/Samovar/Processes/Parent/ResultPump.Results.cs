using Samovar.Diagnostics.Metering;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>Reads what workers write, in one pass: read, settle, complete. The thread that does this holds the turn.</content>
internal sealed partial class ResultPump
{
    /// <summary>Turn: reads all available results, then sends more tasks, and then completes the finished ones, so that the worker need not wait
    /// for the completions.</summary>
    public bool ReadResults(WorkerHandle worker)
    {
        int taken = 0;
        var results = worker.Channel.Results;
        try
        {
            while (taken < LargestTurn && results.TryRead(out var message))
            {
                taken++;
                if (!worker.TryOpen(message, out var body)) continue;
                if (body.Large is { } large) _opened.Add(large);
                Read(worker, (RecordTag)message.Tag, body.Bytes);
            }
        }
        finally
        {
            try
            {
                SettleResults(worker);
            }
            finally
            {
                foreach (var ended in _ended) Complete(worker, ended);
                _ended.Clear();
                foreach (var large in _opened) large.Dispose();
                _opened.Clear();
                results.Release();
            }
        }

        return taken > 0;
    }

    private void Read(WorkerHandle worker, RecordTag tag, ReadOnlySpan<byte> record)
    {
        switch (tag)
        {
            case RecordTag.Result when ResultMessage.TryRead(record, out var result):
                ReadResult(worker, result);
                break;
            case RecordTag.Items when ResultMessage.TryRead(record, out var items):
                if (Begun(worker, items.Header.Ticket) is not { } batch) break;
                _pool.Meter!.Weighed(ShippingDirection.Receive, items.Body.Length);
                batch.AddPart(ResultReader.Copy(worker.Reader, items));
                break;
            case RecordTag.Definitions:
                worker.Reader.ReadDefinitions(record);
                break;
            case RecordTag.Started when RecordHeaders.TryRead(record, out TicketRecord ticket, out _):
                if (Begun(worker, ticket.Ticket) is { } begun) NoteBegun(worker, begun, hasEnded: false);
                break;
            case RecordTag.Progress when RecordHeaders.TryRead(record, out ProgressHeader progress, out var text):
                if (Begun(worker, progress.Ticket) is { } reporting) ReadProgress(worker, reporting, progress, text);
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var message):
                ReadLive(worker, live, message);
                break;
            case RecordTag.Initialized when worker.State == WorkerPhase.Initializing && ResultMessage.TryRead(record, out var initialized):
                _supervisor.NoteInitialized(worker, initialized.IsError ? ReadError(worker, initialized.Body) : null);
                break;
            case RecordTag.Detached when ResultMessage.TryRead(record, out var detached):
                ReportDetached(Sent(worker, detached.Header.Ticket)?.Future, ReadError(worker, detached.Body));
                break;
            case RecordTag.BodyRead when RecordHeaders.TryRead(record, out TicketRecord read, out _):
                if (Begun(worker, read.Ticket) is not { Future.Options.Retry: null } reader) break;

                // The task is running from here on, whatever its slot contains later: its body may be released.
                NoteBegun(worker, reader, hasEnded: false);
                reader.BodyRead();
                break;
            case RecordTag.Output when RecordHeaders.TryRead(record, out TicketRecord wrote, out var output):
                if (Begun(worker, wrote.Ticket) is not null) worker.ToldOutput = new string(RecordHeaders.TextOf(output));
                break;
            case RecordTag.Exited when ResultMessage.TryRead(record, out var exited):
                ExitHooks.Read(_pool, worker, exited);
                ForgetInterrupt();
                break;
            case RecordTag.WarmUp:
                break;
            default:
                throw new ChannelCorruptedException($"A worker sent a record of {record.Length} bytes with tag {(ushort)tag}, which is not valid here.");
        }
    }

    /// <summary>Reports an error of code that a task left behind. A method of its own, so that other records pay for no closure.</summary>
    private void ReportDetached(Future? source, Exception failure) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => _pool.Report(FailureSource.DetachedWork, source?.Id ?? 0, source?.Name, failure), null);

    private unsafe void ReadResult(WorkerHandle worker, in ResultMessage result)
    {
        ref readonly var answer = ref result.Header;
        if (Begun(worker, answer.Ticket) is not { } task)
            throw new ChannelCorruptedException($"A worker sent a result for slot {answer.Slot}, generation {answer.Generation}, but no task was sent in it.");

        NoteBegun(worker, task, hasEnded: true); // first, so that no thread sees it as sent and in no slot
        _output.Keep(worker, task, hasDied: false);
        worker.SetSent(answer.Slot, null);
        worker.FinishedTickets.Add(answer.Ticket);
        worker.FinishedElapsed += answer.Elapsed;
        task.Elapsed = answer.Elapsed;
        _pool.Meter!.Weighed(ShippingDirection.Receive, result.Body.Length);
        if ((answer.Flags & ResultFlags.IsOverMemory) != ResultFlags.None)
        {
            worker.ExitReason = WorkerExitReason.Memory;
            EnterGate();
            try
            {
                _supervisor.RetireLocked(worker);
            }
            finally
            {
                _gate.Exit();
            }
        }

        fixed (byte* start = result.Rest) // not the body: an empty body has no address, and handles may follow it
        {
            // The result stays where it is until the turn ends: in the ring, or in an open segment.
            _ended.Add(new FinishedTask(task, (nint)start, result.Body.Length, answer.SharedObjects, answer.Elapsed, result.IsError));
        }
    }

    private void ReadLive(WorkerHandle worker, LiveHeader header, ReadOnlySpan<byte> body)
    {
        // Tasks run one by one, so only few of them are checked. If none has the port, the task has completed, and its remaining messages are
        // dropped.
        byte[] copy = body.ToArray();
        object? Read() => worker.Reader.Read<object?>(copy);
        void Reply(PackedRecord answer) => _control.SendAnswer(worker, answer);
        worker.FindSent(task =>
            TryDeliver(task, task.Ports, header.Port, Read, Reply)
            || (task.Work?.Ports is { } ports && worker.Channel.Slots.StateOf(task.Ticket) == ItemSlotState.Started && TryDeliver(task, ports, header.Port, Read, Reply)));
    }

    /// <summary>Queues a message for its port, in order with the other callbacks of a task. Returns false if the port does not exist.</summary>
    private static bool TryDeliver(SerializedTask task, LivePorts? ports, long port, Func<object?> read, Action<PackedRecord> reply)
    {
        if (ports?.DeliveryOf(port, read, reply) is not { } delivery) return false;
        (task.Callbacks ??= new()).Add(delivery);
        return true;
    }

    private void ReadProgress(WorkerHandle worker, SerializedTask task, in ProgressHeader header, ReadOnlySpan<byte> text)
    {
        double? fraction = header.Fraction is >= 0 and <= 1 ? header.Fraction : null;
        string? message = header.HasMessage == 0 ? null : new string(RecordHeaders.TextOf(text));
        var progress = new TaskProgress(fraction, message);
        NoteBegun(worker, task, hasEnded: false);
        task.Future.KeepProgress(progress);
        if (task.Future.Options.Progress is not null) (task.Callbacks ??= new()).Add(() => task.Future.TellProgress(progress));
    }

    private void NoteBegun(WorkerHandle worker, SerializedTask task, bool hasEnded) =>
        task.Future.TryStartSent(worker.Identity, task.Attempt, worker.BeganAt(task, _pool.Time), hasEnded);

    /// <summary>Returns the task that a worker refers to; null if the task has its result already, or if the worker never had it, which is an
    /// error.</summary>
    private static SerializedTask? Sent(WorkerHandle worker, ItemTicket ticket) =>
        worker.SentIn(ticket.Slot) is { } task && task.Ticket == ticket ? task : null;

    /// <summary>Like <see cref="Sent"/>, for messages about running work: throws if the worker has not started the task.</summary>
    private static SerializedTask? Begun(WorkerHandle worker, ItemTicket ticket)
    {
        var task = Sent(worker, ticket);
        if (task is null || worker.Channel.Slots.StateOf(ticket) == ItemSlotState.Started) return task;
        throw new ChannelCorruptedException($"A worker sent a message about the task in slot {ticket.Slot}, generation {ticket.Generation}, which it has not started.");
    }
}
