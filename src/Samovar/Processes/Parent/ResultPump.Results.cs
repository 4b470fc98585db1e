using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Loops.Inspection;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>What workers write: read in one go, settled, then completed. The thread that does it has the turn.</content>
internal sealed partial class ResultPump
{
    /// <summary>Turn: reads what there is, then has more sent, and then completes what has ended: the worker is not to wait for that.</summary>
    public bool ReadResults(WorkerLink link)
    {
        int taken = 0;
        var results = link.Channel.Results;
        try
        {
            while (taken < LargestTurn && results.TryRead(out var message))
            {
                taken++;
                if (!link.TryOpen(message, out var body)) continue;
                if (body.Large is { } large) _opened.Add(large);
                Read(link, (RecordTag)message.Tag, body.Bytes);
            }
        }
        finally
        {
            try
            {
                SettleResults(link);
            }
            finally
            {
                foreach (var ended in _ended) Complete(link, ended);
                _ended.Clear();
                foreach (var large in _opened) large.Dispose();
                _opened.Clear();
                results.Release();
            }
        }

        return taken > 0;
    }

    private void Read(WorkerLink link, RecordTag tag, ReadOnlySpan<byte> record)
    {
        switch (tag)
        {
            case RecordTag.Answer when ResultMessage.TryRead(record, out var result):
                ReadResult(link, result);
                break;
            case RecordTag.Items when ResultMessage.TryRead(record, out var items):
                if (Begun(link, items.Header.Ticket) is { } batch) batch.AddPart(ResultReader.Copy(link.Reader, items));
                break;
            case RecordTag.Definitions:
                link.Reader.ReadDefinitions(record);
                break;
            case RecordTag.Started when RecordHeaders.TryRead(record, out TicketRecord ticket, out _):
                if (Begun(link, ticket.Ticket) is { } begun) NoteBegun(link, begun, hasEnded: false);
                break;
            case RecordTag.Progress when RecordHeaders.TryRead(record, out ProgressHeader progress, out var text):
                if (Begun(link, progress.Ticket) is { } reporting) ReadProgress(link, reporting, progress, text);
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var message):
                ReadLive(link, live, message);
                break;
            case RecordTag.Initialized when link.State == WorkerLinkState.Initializing && ResultMessage.TryRead(record, out var initialized):
                _supervisor.NoteInitialized(link, initialized.IsError ? ReadError(link, initialized.Body) : null);
                break;
            case RecordTag.Detached when ResultMessage.TryRead(record, out var detached):
                var source = Sent(link, detached.Header.Ticket)?.Future;
                var failure = ReadError(link, detached.Body);
                ThreadPool.UnsafeQueueUserWorkItem(_ => _pool.Report(FailureSource.DetachedWork, source?.Id ?? 0, source?.Name, failure), null);
                break;
            case RecordTag.BodyRead when RecordHeaders.TryRead(record, out TicketRecord read, out _):
                if (Begun(link, read.Ticket) is not { Future.Options.Retry: null } reader) break;

                // It runs from here on, whatever its slot says later: its body may be gone.
                NoteBegun(link, reader, hasEnded: false);
                reader.BodyRead();
                break;
            case RecordTag.Output when RecordHeaders.TryRead(record, out TicketRecord wrote, out var output):
                if (Begun(link, wrote.Ticket) is not null) link.ToldOutput = new string(RecordHeaders.TextOf(output));
                break;
            case RecordTag.WarmUp:
                break;
            default:
                throw new ChannelCorruptedException($"A worker sent a record of {record.Length} bytes with tag {(ushort)tag}, which means nothing here.");
        }
    }

    private unsafe void ReadResult(WorkerLink link, in ResultMessage result)
    {
        ref readonly var answer = ref result.Header;
        if (Begun(link, answer.Ticket) is not { } shipment)
            throw new ChannelCorruptedException($"A worker answered a task in slot {answer.Slot}, generation {answer.Generation}, which it was not given.");

        NoteBegun(link, shipment, hasEnded: true); // first: no thread is to find it sent, and in no slot
        _output.Keep(link, shipment, hasDied: false);
        link.SetSent(answer.Slot, null);
        link.Answered.Add(answer.Ticket);
        link.AnsweredTook += answer.Took;
        shipment.Took = answer.Took;
        if ((answer.Traits & AnswerTraits.IsOverMemory) != AnswerTraits.None)
        {
            EnterGate();
            _supervisor.RetireLocked(link);
            _gate.Exit();
        }

        fixed (byte* start = result.Body)
        {
            // It stays where it is until the turn is over: in the ring, or in an open segment. The handles follow it.
            _ended.Add(new EndedTask(shipment, (nint)start, result.Body.Length, answer.SharedObjects, answer.Took, result.IsError));
        }
    }

    private static void ReadLive(WorkerLink link, LiveHeader header, ReadOnlySpan<byte> body)
    {
        // Tasks run one by one, so few are asked. Where none takes the message the task has ended, and what it still says is not heard.
        byte[] copy = body.ToArray();
        object? Read() => link.Reader.Read<object?>(copy);
        link.FindSent(shipment =>
            shipment.Ports?.Receive(shipment, header.Port, Read) == true
            || (shipment.Work?.Ports is { } ports && link.Channel.Slots.StateOf(shipment.Ticket) == ItemSlotState.Started && ports.Receive(shipment, header.Port, Read)));
    }

    private void ReadProgress(WorkerLink link, Shipment shipment, in ProgressHeader header, ReadOnlySpan<byte> text)
    {
        double? fraction = header.Fraction is >= 0 and <= 1 ? header.Fraction : null;
        string? message = header.HasMessage == 0 ? null : new string(RecordHeaders.TextOf(text));
        var progress = new TaskProgress(fraction, message);
        NoteBegun(link, shipment, hasEnded: false);
        shipment.Future.KeepProgress(progress);
        if (shipment.Future.Options.Progress is not null) (shipment.Calls ??= new()).Add(() => shipment.Future.TellProgress(progress));
    }

    private void NoteBegun(WorkerLink link, Shipment shipment, bool hasEnded) =>
        shipment.Future.TryStartSent(link.Identity, shipment.Attempt, link.BeganAt(shipment, _pool.Time), hasEnded);

    /// <summary>The task a worker speaks of; null where it has a result, and an error where the worker never had it.</summary>
    private static Shipment? Sent(WorkerLink link, ItemTicket ticket) =>
        link.SentIn(ticket.Slot) is { } shipment && shipment.Ticket == ticket ? shipment : null;

    /// <summary>The same for what it says of running work; an error too where it has not begun it.</summary>
    private static Shipment? Begun(WorkerLink link, ItemTicket ticket)
    {
        var shipment = Sent(link, ticket);
        if (shipment is null || link.Channel.Slots.StateOf(ticket) == ItemSlotState.Started) return shipment;
        throw new ChannelCorruptedException($"A worker spoke of a task in slot {ticket.Slot}, generation {ticket.Generation}, which it has not begun.");
    }
}
