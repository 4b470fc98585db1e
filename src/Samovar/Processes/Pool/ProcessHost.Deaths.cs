using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>How workers end: told to, or not. On the draining thread.</content>
internal sealed partial class ProcessHost
{
    /// <summary>How long a worker that was told to end may take; work of its own threads may go on in it.</summary>
    private static readonly long s_endPatience = Stopwatch.Frequency * 2;

    /// <summary>A neighbour of a bad task may meet it this often by chance.</summary>
    private const int MostSuspicions = 2;

    private bool _hasLeftBehind; // drain: a thread that stood for a worker may still use the bell

    /// <summary>Takes from a retiring worker what it has not begun, and tells it to end when it has done the rest. What it was given
    /// up to its number of tasks it keeps: taken back each time before it could begin, none would ever be done.</summary>
    private void EndIfDone(WorkerLink link)
    {
        var ringing = default(Ringing);
        lock (_gate)
        {
            foreach (var shipment in link.Out > 0 && link.Given != _options.TasksPerWorker ? link.Unanswered() : [])
            {
                if (TryTakeBackUnderGate(link, shipment)) RequeueUnderGate(shipment);
            }

            if (link.Out == 0)
            {
                link.State = WorkerLinkState.Ending;
                link.EndingSince = Stopwatch.GetTimestamp();
                TryWriteUnderGate(link, RecordTag.End, [], ref ringing);
            }

            foreach (var ready in _ready) SendQueuedUnderGate(ready, ref ringing);
        }

        ringing.Ring();
        Replace();
    }

    private static void KillIfLate(WorkerLink link)
    {
        if (Stopwatch.GetTimestamp() - link.EndingSince > s_endPatience) link.Process.Kill();
    }

    /// <summary>A worker did not come up.</summary>
    private void FailedToStart(WorkerLink link, Exception error)
    {
        link.Process.Kill();
        lock (_gate)
        {
            if (link.State != WorkerLinkState.Starting) return;
            _starting--;
            link.State = WorkerLinkState.Ending; // of what is left of it
            link.EndingSince = Stopwatch.GetTimestamp();
        }

        StartFailed(error);
    }

    /// <summary>A worker has ended, and all it wrote has been read: settles what it had, and lets go of it.</summary>
    private void Bury(WorkerLink link)
    {
        var exit = link.Process.Exit ?? ProcessExit.Unknown;
        List<Shipment> begun = [];
        List<ItemJournalCopy?> journals = [];
        var state = link.State;
        lock (_gate)
        {
            if (!link.IsUnused) return; // a bell is being rung; it comes round again
            TakeOutUnderGate(link);
            var unanswered = link.Unanswered();
            for (int i = unanswered.Count - 1; i >= 0; i--)
            {
                if (!IsSuspectUnderGate(link, unanswered[i]) && TryTakeBackUnderGate(link, unanswered[i])) RequeueUnderGate(unanswered[i]);
                else begun.Insert(0, unanswered[i]);
            }

            // Now: nobody is to find it sent, and with a worker that is gone.
            foreach (var shipment in begun)
            {
                shipment.Future.TryStartSent(link.Identity, shipment.Attempt, BeganAt(link, shipment), hasEnded: true);
            }

            link.State = WorkerLinkState.Gone;
            Volatile.Write(ref _links, [.. _links.Where(other => other != link)]);
            if (link.Process is LocalWorker { IsLeftBehind: true })
            {
                _hasLeftBehind = true;
                foreach (var shipment in begun) shipment.LeaveBody();
                journals.AddRange(begun.Select(static _ => (ItemJournalCopy?)null));
            }
            else
            {
                journals.AddRange(begun.Select(shipment => JournalOf(link, shipment)));
                link.Connection.Dispose();
            }

            if (state <= WorkerLinkState.Initializing) _starting--;
            PromoteSparesUnderGate();
        }

        if (begun.Count == 0) PassOnOutput(link);
        link.Lines?.Flush();
        for (int i = 0; i < begun.Count; i++) Crashed(link, begun[i], exit, journals[i]);
        if (state <= WorkerLinkState.Initializing)
        {
            string errors = link.Process.Errors.ToString();
            StartFailed(new WorkerStartException(
                $"Worker '{link.Identity.Name}' (process {link.Identity.ProcessId}) ended with {exit} while it " +
                $"{(state == WorkerLinkState.Starting ? "started" : "ran the initializer")}{WorkerStartException.CauseIn(errors)}." +
                (link.Verdict is { } verdict ? $" It was killed: {verdict}." : ""))
            {
                ProcessId = link.Identity.ProcessId,
                ErrorOutput = errors,
            });
        }

        FailQueued();
        Replace();
    }

    /// <summary>Whether the task itself is likely to be what turns its workers bad, though they say that they had not begun it: it counts as
    /// begun then, or it would ruin one after the other for ever.</summary>
    private static bool IsSuspectUnderGate(WorkerLink link, Shipment shipment) => link.IsDistrusted && ++shipment.Suspicions > MostSuspicions;

    /// <summary>How far a worker that has ended was with a batch of items; null where that is not known: the task is no batch, or what the
    /// worker wrote cannot be believed or was lost.</summary>
    private static ItemJournalCopy? JournalOf(WorkerLink link, Shipment shipment)
    {
        if (!shipment.Future.HasItems || link.IsDistrusted) return null;
        var journal = link.Channel.ReadJournal(shipment.Ticket);
        if (!journal.IsSound) return null;

        // Where the journal names another batch, this one has not begun, unless it was answered and the answer is what was lost.
        return journal.IsOfTicket || !link.HasLostMessage ? journal : null;
    }

    private void Crashed(WorkerLink link, Shipment shipment, ProcessExit exit, ItemJournalCopy? journal)
    {
        var future = shipment.Future;
        int attempt = shipment.Attempt;
        shipment.Took = 0;
        CaptureOutput(link, shipment, hasDied: true);
        void End()
        {
            try
            {
                EndCrashed();
            }
            catch (Exception fault)
            {
                // What the worker left behind cannot be used: the task's own failure, and no other's.
                future.EndWithError(attempt, fault);
            }

            ForgetInterrupt();
        }

        void EndCrashed()
        {
            // A shutdown that kills may do so before a task that was sent this moment could be asked to give up.
            bool endsRunning = IsKilling;
            bool isCanceled = (future.IsCancelRequested || endsRunning) && !future.IsTimeoutRequested;
            var error = WorkerCrashedException.Create(future, attempt, journal?.Begun - 1, link.Identity.Name, link.Process, exit, link.Verdict);
            if (journal is { } reached && !endsRunning && future.EndAfterDeath(attempt, ItemsOf(link, shipment, reached), reached.Begun, error)) return;
            if (isCanceled) future.EndAsCanceled(attempt);
            else future.EndWithError(attempt, error);
        }

        if (shipment.Calls is { IsEmpty: false } || future.Options.Retry is { RetryOn: not null }) (shipment.Calls ??= new()).Add(End);
        else End();
    }

    private static ResultReader ItemsOf(WorkerLink link, Shipment shipment, ItemJournalCopy journal)
    {
        byte[] block = new byte[ItemBlock.HeaderSize + journal.Entries.Length];
        MemoryMarshal.Write(block, journal.Sent);
        MemoryMarshal.Write(block.AsSpan(sizeof(int)), journal.EntryCount);
        journal.Entries.CopyTo(block, ItemBlock.HeaderSize);
        var items = ResultReader.Of(link.Reader, block);
        items.Earlier = shipment.Parts;
        return items;
    }

    /// <summary>Back to the front: its turn has come before.</summary>
    private void RequeueUnderGate(Shipment shipment)
    {
        if (shipment.Body is null) return;
        _lanes.Prepend(shipment.Future);
        _room?.TakeRegardless();
    }

    /// <summary>Starts workers in the place of those that have gone, while there is work.</summary>
    private void Replace()
    {
        int launches;
        lock (_gate) launches = LaunchesUnderGate();
        if (launches > 0) Launch(launches);
    }

    /// <summary>The draining thread itself has failed: ends everything, and says why.</summary>
    private void Collapse(Exception error)
    {
        InvalidOperationException Broken() => new(
            $"'{Name}' has failed inside, and is of no more use: {error.GetType().Name}: {error.Message} This is a fault of Samovar.", error);
        Break(Broken);
        ThreadPool.UnsafeQueueUserWorkItem(_ => Report(FailureSource.Executor, 0, null, Broken()), null); // its handlers may block
        WorkerLink[] links;
        lock (_gate)
        {
            // Nothing is sent any more: what is submitted or tried again from here on goes to the lanes, and is failed there.
            _ready.Clear();
            _spares.Clear();
            links = _links;
        }

        foreach (var link in links)
        {
            link.Process.Kill();
            foreach (var shipment in link.Unanswered())
            {
                if (_options.InProcess) shipment.LeaveBody();
                if (shipment.Future.TryTakeBack()) shipment.Future.FailUnstarted(Broken());
                else shipment.Future.EndWithError(shipment.Attempt, Broken());
            }
        }

        FailRefused();
        FailQueued();
        _stopped.TrySetResult(); // channels stay mapped: nobody knows who is in them
    }
}
