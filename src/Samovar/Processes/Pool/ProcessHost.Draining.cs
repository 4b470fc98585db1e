using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <content>The draining thread: one for the executor. It reads what workers say, sends them more, and buries the dead.</content>
internal sealed partial class ProcessHost
{
    /// <summary>How many answers of one worker are taken before the others have their turn.</summary>
    private const int LargestTurn = 128;

    /// <summary>Bounds the sleep while work is under way: against a worker that was stopped just before it would have rung.</summary>
    private static readonly TimeSpan s_longSleep = TimeSpan.FromMilliseconds(100);

    /// <summary>While tiny tasks are under way, whose worker does not ring for each, or while there is work to be moved.</summary>
    private static readonly TimeSpan s_shortSleep = TimeSpan.FromMilliseconds(1);

    private readonly List<Shipment> _refused = []; // gate: to be failed outside of it
    private readonly ResultReader _result = new();
    private readonly List<EndedTask> _ended = []; // of the turn at hand
    private readonly List<LargeMessage> _opened = [];
    private Thread? _thread;

    /// <summary>Starts the thread, and what it waits at, before the first worker.</summary>
    private void EnsureDraining()
    {
        lock (_gate)
        {
            if (_thread is not null) return;
            _bell = new ParentBell(_platform);
            if (!_options.InProcess) _launcher = new WorkerLauncher(_bell, runtimeConfiguration: _options.RuntimeConfiguration);
            var thread = new Thread(Drain) { IsBackground = true, Name = $"{Name} results" };
            try
            {
                LibraryThread.Start(thread);
            }
            catch
            {
                _bell.Dispose();
                _bell = null;
                throw;
            }

            _thread = thread; // only one that runs is waited for at the end
        }
    }

    private void Drain()
    {
        try
        {
            while (true)
            {
                if (ServeAll()) continue;
                if (TryFinish()) return;
                _bell!.Sleeper.Wait(_hasAnswers, SendAndSleep());
            }
        }
        catch (Exception error)
        {
            // A fault of Samovar's own: nothing can be believed any more, and nobody may wait for ever.
            Collapse(error);
        }
    }

    private bool ServeAll()
    {
        bool any = false;
        bool looks = IsTimeToLook();
        lock (_turn)
        {
            foreach (var link in Volatile.Read(ref _links)) any |= Serve(link, looks);
        }

        return any;
    }

    private bool HasAnswers()
    {
        foreach (var link in Volatile.Read(ref _links))
        {
            if (link.Channel.Results.HasRecord) return true;
        }

        return false;
    }

    /// <summary>Does what there is to do for one worker. True: there may be more.</summary>
    private bool Serve(WorkerLink link, bool looks)
    {
        // Asked first: what the worker wrote before it ended is in the ring by then.
        bool hasEnded = link.Process.Exit is not null;
        bool any = false;
        try
        {
            if (link.State == WorkerLinkState.Starting)
            {
                if (link.Connection.TryComplete()) SetUp(link);
            }
            else
            {
                any = TakeAnswers(link);
            }
        }
        catch (WorkerStartException error)
        {
            link.TryCondemn(error.Message);
            FailedToStart(link, error);
            return true;
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
        {
            link.Distrust($"what it wrote cannot be read: {error.Message}");
            if (!hasEnded) link.Process.Kill();
            any = false;
        }

        if (any) return true;
        if (looks && !hasEnded) CondemnIfOutOfStep(link);
        if (!hasEnded && link.Memory?.Look(link.Process.Id) is { } excess) link.TryCondemn(excess);
        if (link.Verdict is not null && !hasEnded) link.Process.Kill();
        if (hasEnded) Bury(link);
        else if (link.State == WorkerLinkState.Initializing) KillIfUnprepared(link);
        else if (link.State == WorkerLinkState.Retiring) EndIfDone(link);
        else if (link.State == WorkerLinkState.Ending) KillIfLate(link);
        return hasEnded;
    }

    /// <summary>Reads what there is, then sends more, and then completes what has ended: its worker is not to wait for that.</summary>
    private bool TakeAnswers(WorkerLink link)
    {
        int taken = 0;
        var results = link.Channel.Results;
        try
        {
            while (taken < LargestTurn && results.TryRead(out var message))
            {
                taken++;
                if (message.Kind == RingRecordKind.Large)
                {
                    if (OpenLarge(link, message) is not { } large) continue;
                    _opened.Add(large);
                    Take(link, (RecordTag)message.Tag, large.Bytes);
                }
                else
                {
                    Take(link, (RecordTag)message.Tag, message.Payload);
                }
            }
        }
        finally
        {
            try
            {
                SettleAnswered(link);
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

    /// <summary>Null: the message is lost, with a worker that died while it waited for this. Everything else that it wrote is sound.</summary>
    private static LargeMessage? OpenLarge(WorkerLink link, RingMessage message)
    {
        try
        {
            return link.Channel.OpenLarge(message);
        }
        catch (IOException error) when (error is not ChannelCorruptedException)
        {
            link.HasLostMessage = true;

            // A worker that lives, and whose message cannot be opened, is killed; the task that the message answers ends with it.
            if (link.Process.Exit is null && link.TryCondemn($"what it wrote cannot be read: {error.Message}")) link.Process.Kill();
            return null;
        }
    }

    private void Take(WorkerLink link, RecordTag tag, ReadOnlySpan<byte> record)
    {
        switch (tag)
        {
            case RecordTag.Answer when RecordHeaders.TryRead(record, out AnswerHeader answer, out var body):
                TakeAnswer(link, answer, body);
                break;
            case RecordTag.Items when RecordHeaders.TryRead(record, out AnswerHeader items, out var block):
                if (Begun(link, items.Ticket) is { } batch) batch.AddPart(ResultReader.Copy(link.Reader, block, items.SharedObjects, 0));
                break;
            case RecordTag.Definitions:
                link.Reader.ReadDefinitions(record);
                break;
            case RecordTag.Started when RecordHeaders.TryRead(record, out TicketRecord ticket, out _):
                if (Begun(link, ticket.Ticket) is { } begun) begun.Future.TryStartSent(link.Identity, begun.Attempt, BeganAt(link, begun), hasEnded: false);
                break;
            case RecordTag.Progress when RecordHeaders.TryRead(record, out ProgressHeader progress, out var text):
                if (Begun(link, progress.Ticket) is { } reporting) TakeProgress(link, reporting, progress, text);
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var message):
                TakeLive(link, live, message);
                break;
            case RecordTag.Initialized when link.State == WorkerLinkState.Initializing && RecordHeaders.TryRead(record, out AnswerHeader initialized, out var error):
                Initialized(link, (initialized.Traits & AnswerTraits.IsError) == AnswerTraits.None ? null : ReadError(link, ResultReader.Split(error, initialized.SharedObjects)));
                break;
            case RecordTag.Detached when RecordHeaders.TryRead(record, out AnswerHeader detached, out var body):
                var source = Sent(link, detached.Ticket)?.Future;
                var failure = ReadError(link, ResultReader.Split(body, detached.SharedObjects));
                ThreadPool.UnsafeQueueUserWorkItem(_ => Report(FailureSource.DetachedWork, source?.Id ?? 0, source?.Name, failure), null);
                break;
            case RecordTag.BodyRead when RecordHeaders.TryRead(record, out TicketRecord read, out _):
                if (Begun(link, read.Ticket) is not { Future.Options.Retry: null } reader) break;

                // It runs from here on, whatever its slot says later: its body may be gone.
                reader.Future.TryStartSent(link.Identity, reader.Attempt, BeganAt(link, reader), hasEnded: false);
                reader.BodyRead();
                break;
            case RecordTag.Output when RecordHeaders.TryRead(record, out TicketRecord wrote, out var output):
                if (Begun(link, wrote.Ticket) is not null) TakeOutput(link, output);
                break;
            case RecordTag.WarmUp:
                break;
            default:
                throw new ChannelCorruptedException($"A worker sent a record of {record.Length} bytes with tag {(ushort)tag}, which means nothing here.");
        }
    }

    /// <summary>The task a worker speaks of; null where it has been answered, and an error where it never was.</summary>
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
