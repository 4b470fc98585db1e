using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;

namespace Samovar.Processes.Parent;

/// <content>How workers exit, requested or not. Runs on the draining thread.</content>
internal sealed partial class WorkerSupervisor
{
    /// <summary>How often a task may be suspected by chance, because it was sent to a corrupted worker together with the task at fault.</summary>
    private const int MostSuspicions = 2;

    /// <summary>Drain: records that a worker failed to start.</summary>
    public void NoteFailedStart(WorkerHandle worker, Exception error)
    {
        if (worker.TryRequestKill(error.Message)) worker.ExitReason = WorkerExitReason.Start;
        worker.Process.Kill();
        lock (_gate)
        {
            if (worker.State != WorkerPhase.Starting) return;
            _starting--;
            worker.State = WorkerPhase.Ending; // its process may still have to exit
            worker.EndingSince = Stopwatch.GetTimestamp();
            CheckInvariants();
        }

        FailStart(error);
    }

    /// <summary>Drain: revokes the tasks that a retiring worker has not started, and requests it to exit when it has finished the rest. A worker
    /// that retires because of its number of tasks keeps them all: if its last tasks were revoked each time before they could start, they would
    /// never run.</summary>
    public void EndIfDone(WorkerHandle worker)
    {
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            foreach (var task in worker.Out > 0 && worker.Given != _options.MaxTasksPerWorker ? worker.InFlight() : [])
            {
                if (task.Input is null && _dispatcher.TryRevokeLocked(worker, task)) _dispatcher.RequeueLocked(task);
            }

            if (worker.Out == 0)
            {
                worker.State = WorkerPhase.Ending;
                worker.EndingSince = Stopwatch.GetTimestamp();
                _control.TryWriteLocked(worker, RecordTag.End, [], ref wakeups);
            }

            _dispatcher.SendQueuedToAllLocked(ref wakeups);
            CheckInvariants();
        }

        wakeups.Ring();
        Replace();
    }

    /// <summary>Drain: called when a worker has exited and everything that it wrote has been read: settles its tasks, and releases the
    /// worker.</summary>
    public void Reap(WorkerHandle worker)
    {
        var exit = worker.Process.Exit ?? ProcessExit.Unknown;
        if (_pool.LossOfActor(worker, exit) is { } lost) Break(lost); // before its calls go back to the queue
        List<SerializedTask> begun = [];
        List<ItemJournalCopy?> journals = [];
        var state = worker.State;
        string? exitReason;
        lock (_gate)
        {
            if (!worker.IsUnused) return; // a thread is ringing its bell; the draining thread calls this again
            RemoveLocked(worker);
            var inFlight = worker.InFlight();
            for (int i = inFlight.Count - 1; i >= 0; i--)
            {
                if (!IsSuspectLocked(worker, inFlight[i]) && _dispatcher.TryRevokeLocked(worker, inFlight[i])) _dispatcher.RequeueLocked(inFlight[i]);
                else begun.Insert(0, inFlight[i]);
            }

            // Done under the gate, so that no thread sees a task as sent to a worker that is gone.
            foreach (var task in begun)
            {
                task.Future.TryStartSent(worker.Identity, task.Attempt, worker.BeganAt(task, _pool.Time), hasEnded: true);
            }

            exitReason = _isEnding || _pool.IsKilling ? null : ExitReasonOf(worker, begun.Count > 0);
            worker.State = WorkerPhase.Gone;
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

            if (state <= WorkerPhase.Initializing) _starting--;
            PromoteSparesLocked();
            CheckInvariants();
        }

        if (exitReason is not null) _pool.Meter!.WorkerExited(exitReason);
        if (begun.Count == 0) OutputCapture.PassOn(worker);
        worker.Lines?.Flush();
        var lastTasks = begun.Count > 0 ? RecordingFiles.Read(worker.Recording) : [];
        RecordingFiles.Remove(worker.Recording);
        for (int i = 0; i < begun.Count; i++) _pump.CompleteCrashed(worker, begun[i], exit, journals[i], lastTasks);
        if (state <= WorkerPhase.Initializing) FailStart(DiedBeforeItsFirstTask(worker, state, exit));
        _dispatcher.FailQueued();
        Replace();
    }

    /// <summary>Returns why a worker exited that its executor still needed; null if it was no longer needed.</summary>
    private static string? ExitReasonOf(WorkerHandle worker, bool hasBegun)
    {
        if (worker.KillReason is null && hasBegun) return WorkerExitReason.Crash; // although it was to be recycled, perhaps
        if (worker.ExitReason is { } known) return known;
        return worker.State switch
        {
            WorkerPhase.Starting or WorkerPhase.Initializing => WorkerExitReason.Start,
            WorkerPhase.Ready or WorkerPhase.Spare => WorkerExitReason.Crash,
            _ => hasBegun || worker.IsCorrupted ? WorkerExitReason.Crash : null,
        };
    }

    private static WorkerStartException DiedBeforeItsFirstTask(WorkerHandle worker, WorkerPhase state, ProcessExit exit)
    {
        string errors = worker.Process.Errors.ToString();
        return new WorkerStartException(
            $"Worker '{worker.Identity.Name}' (process {worker.Identity.ProcessId}) exited with {exit} while it " +
            $"{(state == WorkerPhase.Starting ? "started" : "ran the initializer")}{WorkerStartException.CauseIn(errors)}." +
            (worker.KillReason is { } killReason ? $" It was killed: {killReason}." : ""))
        {
            ProcessId = worker.Identity.ProcessId,
            ErrorOutput = errors,
        };
    }

    /// <summary>Returns whether the task itself is likely to corrupt its workers, although they report that they had not started it. The task then
    /// counts as started; otherwise, it would corrupt one worker after the other indefinitely.</summary>
    private static bool IsSuspectLocked(WorkerHandle worker, SerializedTask task) => worker.IsCorrupted && ++task.Suspicions > MostSuspicions;

    /// <summary>Returns how far a worker that has exited had processed a batch of items; null if that is unknown: the task is no batch, or what the
    /// worker wrote cannot be trusted or was lost.</summary>
    private static ItemJournalCopy? JournalOf(WorkerHandle worker, SerializedTask task)
    {
        if (!task.Future.HasItems || worker.IsCorrupted) return null;
        var journal = worker.Channel.ReadJournal(task.Ticket);
        if (!journal.IsSound) return null;

        // If the journal names another batch, this batch has not started, unless its result was sent and is the message that was lost.
        return journal.IsOfTicket || !worker.HasLostMessage ? journal : null;
    }
}
