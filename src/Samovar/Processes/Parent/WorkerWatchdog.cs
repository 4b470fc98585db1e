using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>Kills workers that start too slowly, are stuck, use too much memory, run work that must stop, or whose slots and ring do not agree with
/// the executor's own table: after a memory corruption in a worker they may disagree, and its tasks would wait indefinitely.</summary>
/// <remarks>Lock rule: this class guards nothing except <see cref="_checkedAt"/>, which belongs to the draining thread. It enters the gate to check
/// the tasks of a worker, and kills after it has left the gate; a method whose name ends in "Locked" is called under the gate. Under the gate it
/// calls <see cref="Dispatcher"/>, <see cref="ControlSender"/> and <see cref="WorkerSupervisor.RetireLocked"/>.</remarks>
internal sealed class WorkerWatchdog
{
    /// <summary>How long a worker has sent no result before its slots are checked.</summary>
    private static readonly long s_quiet = Stopwatch.Frequency;

    /// <summary>How long a worker has started none of its tasks before it counts as stopped (SIGSTOP, a debugger) or starved. Killing such a worker
    /// loses nothing.</summary>
    private static readonly long s_stuck = Stopwatch.Frequency * 2;

    /// <summary>How long a worker may take to exit after the request; work on its own threads may still run.</summary>
    private static readonly long s_endPatience = Stopwatch.Frequency * 2;

    private static readonly TimeSpan s_betweenChecks = TimeSpan.FromMilliseconds(200);

    private readonly ProcessPool _pool;
    private readonly Lock _gate;
    private readonly TimeSpan _startTimeout;
    private readonly Dispatcher _dispatcher;
    private readonly WorkerSupervisor _supervisor;
    private readonly ControlSender _control;
    private long _checkedAt; // drain

    public WorkerWatchdog(
        ProcessPool pool, Lock gate, ProcessExecutorOptions options, Dispatcher dispatcher, WorkerSupervisor supervisor, ControlSender control)
    {
        _pool = pool;
        _gate = gate;
        _startTimeout = options.StartTimeout;
        _dispatcher = dispatcher;
        _supervisor = supervisor;
        _control = control;
    }

    /// <summary>Drain: returns whether it is time to compare slots.</summary>
    public bool IsTimeToCompare()
    {
        if (Stopwatch.GetElapsedTime(_checkedAt) < s_betweenChecks) return false;
        _checkedAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Drain: checks a worker that had not exited before its ring was read, and kills it if necessary.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="comparesSlots">Whether to compare its slots with the executor's own table.</param>
    public void Check(WorkerHandle worker, bool comparesSlots)
    {
        if (comparesSlots) RequestKillIfOutOfStep(worker);
        if (worker.Memory?.Look(worker.Process.Id) is { } excess && worker.TryRequestKill(excess)) worker.ExitReason = WorkerExitReason.Memory;
        if (worker.KillReason is not null) worker.Process.Kill();
        if (worker.State == WorkerPhase.Initializing) KillIfUnprepared(worker);
        else if (worker.State == WorkerPhase.Ending) KillIfLate(worker);
    }

    /// <summary>Drain: if a worker has started none of its tasks for a long time, revokes them all, retires the worker and requests its
    /// kill.</summary>
    public void RequestKillIfStuckLocked(WorkerHandle worker)
    {
        if (worker.KillReason is not null || Stopwatch.GetTimestamp() - worker.LastResultAt < s_stuck) return;
        if (_pool.Actor is not null || worker.KeptCount > 0) return; // its instance or results would be lost, which no other worker has
        var inFlight = worker.InFlight();
        foreach (var task in inFlight)
        {
            if (!_dispatcher.HasBegunLocked(worker, task.Ticket)) continue;

            // The worker is running this task. Its timeout counts from now at the latest, in case the record of the start never arrives.
            task.Future.TryStartSent(worker.Identity, task.Attempt, worker.BeganAt(task, _pool.Time), hasEnded: false);
            return;
        }

        // The worker may start a task at this moment, so all tasks are revoked first. A worker that keeps a task is not stuck.
        for (int i = inFlight.Count - 1; i >= 0; i--)
        {
            if (!_dispatcher.TryRevokeLocked(worker, inFlight[i])) return;
            _dispatcher.RequeueLocked(inFlight[i]);
        }

        if (!worker.TryRequestKill("it started none of its tasks for 2 s, so it was stopped or got no processor time")) return;
        worker.ExitReason = WorkerExitReason.Unresponsive;
        _supervisor.RetireLocked(worker);
    }

    /// <summary>Stops a running task: requests its worker to cancel the task's token, and kills the worker after the grace period.</summary>
    public void StopTask(Future future, StopReason reason)
    {
        if (future.TaskState is not SerializedTask task) return;
        var wakeups = default(PendingWakeups);
        WorkerHandle worker;
        ItemTicket ticket;
        lock (_gate)
        {
            if (task.Worker is not { State: not WorkerPhase.Gone } found || !found.Holds(task, task.Ticket)) return;
            worker = found;
            ticket = task.Ticket;
            var record = new TicketRecord(ticket.Generation, ticket.Slot, reason);
            _control.TryWriteLocked(worker, RecordTag.Stop, RecordHeaders.BytesOf(in record).ToArray(), ref wakeups);
        }

        wakeups.Ring();
        var grace = _pool.CancellationGrace;
        string why = reason == StopReason.Timeout
            ? $"task {future.Id} ran past its timeout of {TimeoutArguments.Text(future.Options.Timeout.GetValueOrDefault())} and the grace period of {TimeoutArguments.Text(grace)}"
            : $"task {future.Id} was cancelled, and was still running after the grace period of {TimeoutArguments.Text(grace)}";
        string exitReason = reason == StopReason.Timeout ? WorkerExitReason.Timeout : WorkerExitReason.Canceled;
        if (grace == TimeSpan.Zero) KillIfHeld(worker, task, ticket, why, exitReason);
        else task.ArmKill(_pool.Time.CreateTimer(_ => KillIfHeld(worker, task, ticket, why, exitReason), null, grace, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Kills the worker that has the task, without a grace period; does nothing if none has it.</summary>
    public void KillTask(Future future, string why)
    {
        if (future.TaskState is not SerializedTask task) return;
        WorkerHandle worker;
        ItemTicket ticket;
        lock (_gate)
        {
            if (task.Worker is not { State: not WorkerPhase.Gone } found || !found.Holds(task, task.Ticket)) return;
            worker = found;
            ticket = task.Ticket;
        }

        KillIfHeld(worker, task, ticket, why, WorkerExitReason.Canceled);
    }

    /// <summary>Kills a worker if it is still running this attempt of the task.</summary>
    private void KillIfHeld(WorkerHandle worker, SerializedTask task, ItemTicket ticket, string why, string exitReason)
    {
        lock (_gate)
        {
            if (worker.State == WorkerPhase.Gone || !worker.Holds(task, ticket)) return;
            if (worker.TryRequestKill(why)) worker.ExitReason = exitReason;
        }

        worker.Process.Kill();
    }

    /// <summary>Turn: compares the slots of a worker with the table. No other thread is reading results, so that a task without a result is in the
    /// table.</summary>
    private void RequestKillIfOutOfStep(WorkerHandle worker)
    {
        lock (_gate)
        {
            if (worker.Out == 0 || worker.KillReason is not null || Stopwatch.GetTimestamp() - worker.LastResultAt < s_quiet) return;
            foreach (var task in worker.InFlight())
            {
                if (DisagreementLocked(worker, task) is not { } reason) continue;
                worker.MarkCorrupted(reason);
                return;
            }
        }
    }

    private static string? DisagreementLocked(WorkerHandle worker, SerializedTask task)
    {
        ItemSlotState state;
        try
        {
            state = worker.Channel.Slots.StateOf(task.Ticket);
        }
        catch (ChannelCorruptedException error)
        {
            return error.Message;
        }

        if (state is not (ItemSlotState.Sent or ItemSlotState.Started))
            return $"its slot {task.Ticket.Slot} states that task {task.Future.Id} was revoked, but the executor has not revoked it";

        // In this order: a worker that starts the task now, or sends its result, is not idle, or its result is in the ring.
        return state == ItemSlotState.Started && worker.Channel.IsWorkerIdle && !worker.Channel.Results.HasRecord
            ? $"it waits for work, but its slot {task.Ticket.Slot} states that it has started task {task.Future.Id}, for which it has sent no result"
            : null;
    }

    /// <summary>Kills a worker whose initializer exceeds the start timeout, which includes the initializer.</summary>
    private void KillIfUnprepared(WorkerHandle worker)
    {
        if (!worker.Setup.IsOverdue) return;
        worker.TryRequestKill($"its initializer had not returned {TimeoutArguments.Text(_startTimeout)} after the start; the limit is {nameof(ProcessExecutorOptions.StartTimeout)}");
        worker.Process.Kill();
    }

    private void KillIfLate(WorkerHandle worker)
    {
        if (!ExitHooks.MayRun(_pool, worker) && Stopwatch.GetTimestamp() - worker.EndingSince > s_endPatience) worker.Process.Kill();
    }
}
