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
    public void NoteFailedStart(WorkerHandle worker, Exception error)
    {
        worker.TryRequestKill(error.Message);
        worker.Process.Kill();
        lock (_gate)
        {
            if (worker.State != WorkerState.Starting) return;
            _starting--;
            worker.State = WorkerState.Ending; // of what is left of it
            worker.EndingSince = Stopwatch.GetTimestamp();
            CheckInvariants();
        }

        FailStart(error);
    }

    /// <summary>Drain: takes from a retiring worker what it has not begun, and asks it to exit when it has done the rest. What it was given
    /// up to its number of tasks it keeps: taken back each time before it could begin, none would ever be done.</summary>
    public void EndIfDone(WorkerHandle worker)
    {
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            foreach (var task in worker.Out > 0 && worker.Given != _options.MaxTasksPerWorker ? worker.InFlight() : [])
            {
                if (_dispatcher.TryRevokeLocked(worker, task)) _dispatcher.RequeueLocked(task);
            }

            if (worker.Out == 0)
            {
                worker.State = WorkerState.Ending;
                worker.EndingSince = Stopwatch.GetTimestamp();
                _control.TryWriteLocked(worker, RecordTag.End, [], ref wakeups);
            }

            _dispatcher.SendQueuedToAllLocked(ref wakeups);
            CheckInvariants();
        }

        wakeups.Ring();
        Replace();
    }

    /// <summary>Drain: a worker has exited, and all it wrote has been read: settles what it had, and releases it.</summary>
    public void Reap(WorkerHandle worker)
    {
        var exit = worker.Process.Exit ?? ProcessExit.Unknown;
        List<SerializedTask> begun = [];
        List<ItemJournalCopy?> journals = [];
        var state = worker.State;
        lock (_gate)
        {
            if (!worker.IsUnused) return; // a bell is being rung; it comes round again
            RemoveLocked(worker);
            var inFlight = worker.InFlight();
            for (int i = inFlight.Count - 1; i >= 0; i--)
            {
                if (!IsSuspectLocked(worker, inFlight[i]) && _dispatcher.TryRevokeLocked(worker, inFlight[i])) _dispatcher.RequeueLocked(inFlight[i]);
                else begun.Insert(0, inFlight[i]);
            }

            // Now: no thread is to find it sent, and with a worker that is gone.
            foreach (var task in begun)
            {
                task.Future.TryStartSent(worker.Identity, task.Attempt, worker.BeganAt(task, _pool.Time), hasEnded: true);
            }

            worker.State = WorkerState.Gone;
            Volatile.Write(ref _handles, [.. _handles.Where(other => other != worker)]);
            if (worker.Process is LocalWorker { IsLeftBehind: true })
            {
                _hasLeftBehind = true;
                foreach (var task in begun) task.LeaveBody();
                journals.AddRange(begun.Select(static _ => (ItemJournalCopy?)null));
            }
            else
            {
                journals.AddRange(begun.Select(task => JournalOf(worker, task)));
                worker.Setup.Dispose();
            }

            if (state <= WorkerState.Initializing) _starting--;
            PromoteSparesLocked();
            CheckInvariants();
        }

        if (begun.Count == 0) OutputCapture.PassOn(worker);
        worker.Lines?.Flush();
        for (int i = 0; i < begun.Count; i++) _pump.CompleteCrashed(worker, begun[i], exit, journals[i]);
        if (state <= WorkerState.Initializing) FailStart(DiedBeforeItsFirstTask(worker, state, exit));
        _dispatcher.FailQueued();
        Replace();
    }

    private static WorkerStartException DiedBeforeItsFirstTask(WorkerHandle worker, WorkerState state, ProcessExit exit)
    {
        string errors = worker.Process.Errors.ToString();
        return new WorkerStartException(
            $"Worker '{worker.Identity.Name}' (process {worker.Identity.ProcessId}) ended with {exit} while it " +
            $"{(state == WorkerState.Starting ? "started" : "ran the initializer")}{WorkerStartException.CauseIn(errors)}." +
            (worker.KillReason is { } killReason ? $" It was killed: {killReason}." : ""))
        {
            ProcessId = worker.Identity.ProcessId,
            ErrorOutput = errors,
        };
    }

    /// <summary>Whether the task itself is likely to be what turns its workers bad, though they say that they had not begun it: it counts as
    /// begun then, or it would ruin one after the other without end.</summary>
    private static bool IsSuspectLocked(WorkerHandle worker, SerializedTask task) => worker.IsCorrupted && ++task.Suspicions > MostSuspicions;

    /// <summary>How far a worker that has exited was with a batch of items; null where that is not known: the task is no batch, or what the
    /// worker wrote cannot be trusted or was lost.</summary>
    private static ItemJournalCopy? JournalOf(WorkerHandle worker, SerializedTask task)
    {
        if (!task.Future.HasItems || worker.IsCorrupted) return null;
        var journal = worker.Channel.ReadJournal(task.Ticket);
        if (!journal.IsSound) return null;

        // Where the journal names another batch, this one has not begun, unless its result was sent and is what was lost.
        return journal.IsOfTicket || !worker.HasLostMessage ? journal : null;
    }
}
