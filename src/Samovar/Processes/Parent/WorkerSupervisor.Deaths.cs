using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>How workers exit: asked to, or not. On the draining thread.</content>
internal sealed partial class WorkerSupervisor
{
    /// <summary>A task that was sent to a bad worker beside the task at fault may be suspected this often by chance.</summary>
    private const int MostSuspicions = 2;

    /// <summary>Drain: a worker did not come up.</summary>
    public void NoteFailedStart(WorkerLink link, Exception error)
    {
        link.TryCondemn(error.Message);
        link.Process.Kill();
        lock (_gate)
        {
            if (link.State != WorkerLinkState.Starting) return;
            _starting--;
            link.State = WorkerLinkState.Ending; // of what is left of it
            link.EndingSince = Stopwatch.GetTimestamp();
            CheckInvariants();
        }

        FailStart(error);
    }

    /// <summary>Drain: takes from a retiring worker what it has not begun, and asks it to exit when it has done the rest. What it was given
    /// up to its number of tasks it keeps: taken back each time before it could begin, none would ever be done.</summary>
    public void EndIfDone(WorkerLink link)
    {
        var ringing = default(Ringing);
        lock (_gate)
        {
            foreach (var shipment in link.Out > 0 && link.Given != _options.TasksPerWorker ? link.Unanswered() : [])
            {
                if (_dispatcher.TryRevokeLocked(link, shipment)) _dispatcher.RequeueLocked(shipment);
            }

            if (link.Out == 0)
            {
                link.State = WorkerLinkState.Ending;
                link.EndingSince = Stopwatch.GetTimestamp();
                _control.TryWriteLocked(link, RecordTag.End, [], ref ringing);
            }

            _dispatcher.SendQueuedToAllLocked(ref ringing);
            CheckInvariants();
        }

        ringing.Ring();
        Replace();
    }

    /// <summary>Drain: a worker has exited, and all it wrote has been read: settles what it had, and releases it.</summary>
    public void Reap(WorkerLink link)
    {
        var exit = link.Process.Exit ?? ProcessExit.Unknown;
        List<Shipment> begun = [];
        List<ItemJournalCopy?> journals = [];
        var state = link.State;
        lock (_gate)
        {
            if (!link.IsUnused) return; // a bell is being rung; it comes round again
            RemoveLocked(link);
            var unanswered = link.Unanswered();
            for (int i = unanswered.Count - 1; i >= 0; i--)
            {
                if (!IsSuspectLocked(link, unanswered[i]) && _dispatcher.TryRevokeLocked(link, unanswered[i])) _dispatcher.RequeueLocked(unanswered[i]);
                else begun.Insert(0, unanswered[i]);
            }

            // Now: no thread is to find it sent, and with a worker that is gone.
            foreach (var shipment in begun)
            {
                shipment.Future.TryStartSent(link.Identity, shipment.Attempt, link.BeganAt(shipment, _pool.Time), hasEnded: true);
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
            PromoteSparesLocked();
            CheckInvariants();
        }

        if (begun.Count == 0) OutputCapture.PassOn(link);
        link.Lines?.Flush();
        for (int i = 0; i < begun.Count; i++) _pump.CompleteCrashed(link, begun[i], exit, journals[i]);
        if (state <= WorkerLinkState.Initializing) FailStart(DiedBeforeItsFirstTask(link, state, exit));
        _dispatcher.FailQueued();
        Replace();
    }

    private static WorkerStartException DiedBeforeItsFirstTask(WorkerLink link, WorkerLinkState state, ProcessExit exit)
    {
        string errors = link.Process.Errors.ToString();
        return new WorkerStartException(
            $"Worker '{link.Identity.Name}' (process {link.Identity.ProcessId}) ended with {exit} while it " +
            $"{(state == WorkerLinkState.Starting ? "started" : "ran the initializer")}{WorkerStartException.CauseIn(errors)}." +
            (link.Verdict is { } verdict ? $" It was killed: {verdict}." : ""))
        {
            ProcessId = link.Identity.ProcessId,
            ErrorOutput = errors,
        };
    }

    /// <summary>Whether the task itself is likely to be what turns its workers bad, though they say that they had not begun it: it counts as
    /// begun then, or it would ruin one after the other without end.</summary>
    private static bool IsSuspectLocked(WorkerLink link, Shipment shipment) => link.IsDistrusted && ++shipment.Suspicions > MostSuspicions;

    /// <summary>How far a worker that has exited was with a batch of items; null where that is not known: the task is no batch, or what the
    /// worker wrote cannot be trusted or was lost.</summary>
    private static ItemJournalCopy? JournalOf(WorkerLink link, Shipment shipment)
    {
        if (!shipment.Future.HasItems || link.IsDistrusted) return null;
        var journal = link.Channel.ReadJournal(shipment.Ticket);
        if (!journal.IsSound) return null;

        // Where the journal names another batch, this one has not begun, unless it was answered and the answer is what was lost.
        return journal.IsOfTicket || !link.HasLostMessage ? journal : null;
    }
}
