using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>Kills workers that are late, are stuck, use too much memory, run work that is to stop, or have slots and a ring that do not agree with
/// the executor's own table: where a worker's memory is damaged they may not, and its tasks would wait without end.</summary>
/// <remarks>Lock rule: this guards nothing of its own but <see cref="_checkedAt"/>, which is the draining thread's. It enters the gate to look at a
/// worker's tasks, and kills after it has left it; a method whose name ends in "Locked" is called under the gate. Under the gate it calls
/// <see cref="Dispatcher"/>, <see cref="ControlSender"/> and <see cref="WorkerSupervisor.RetireLocked"/>.</remarks>
internal sealed class WorkerWatchdog
{
    /// <summary>A worker that has brought no result for so long is checked.</summary>
    private static readonly long s_quiet = Stopwatch.Frequency;

    /// <summary>A worker that has not begun any of what it has for so long is stopped (SIGSTOP, a debugger) or starved. Killing it
    /// loses nothing.</summary>
    private static readonly long s_stuck = Stopwatch.Frequency * 2;

    /// <summary>How long a worker that was asked to exit may take; work of its own threads may go on in it.</summary>
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

    /// <summary>Drain: whether it is time to compare slots.</summary>
    public bool IsTimeToCompare()
    {
        if (Stopwatch.GetElapsedTime(_checkedAt) < s_betweenChecks) return false;
        _checkedAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Drain: a worker had not exited before its ring was read: kills it where that is due.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="comparesSlots">Whether to compare its slots with the executor's own table.</param>
    public void Check(WorkerHandle worker, bool comparesSlots)
    {
        if (comparesSlots) RequestKillIfOutOfStep(worker);
        if (worker.Memory?.Look(worker.Process.Id) is { } excess) worker.TryRequestKill(excess);
        if (worker.KillReason is not null) worker.Process.Kill();
        if (worker.State == WorkerState.Initializing) KillIfUnprepared(worker);
        else if (worker.State == WorkerState.Ending) KillIfLate(worker);
    }

    /// <summary>Drain: retires a worker that has begun none of its tasks for a long time, after all were taken back, and requests its kill.</summary>
    public void RequestKillIfStuckLocked(WorkerHandle worker)
    {
        if (worker.KillReason is not null || Stopwatch.GetTimestamp() - worker.LastResultAt < s_stuck) return;
        var inFlight = worker.InFlight();
        foreach (var task in inFlight)
        {
            if (!_dispatcher.HasBegunLocked(worker, task.Ticket)) continue;

            // It is at work. Its time counts from now at the latest, should the record of the start never come.
            task.Future.TryStartSent(worker.Identity, task.Attempt, worker.BeganAt(task, _pool.Time), hasEnded: false);
            return;
        }

        // It may begin at this very moment, so everything is won back first; a worker that keeps something is not stuck.
        for (int i = inFlight.Count - 1; i >= 0; i--)
        {
            if (!_dispatcher.TryRevokeLocked(worker, inFlight[i])) return;
            _dispatcher.RequeueLocked(inFlight[i]);
        }

        if (worker.TryRequestKill("it began none of the tasks it was sent for 2 s; it was stopped, or got no processor")) _supervisor.RetireLocked(worker);
    }

    /// <summary>A running task is to stop: its worker is asked to trip the task's token, and is killed after the grace.</summary>
    public void StopTask(Future future, StopReason reason)
    {
        if (future.TaskState is not SerializedTask task) return;
        var wakeups = default(PendingWakeups);
        WorkerHandle worker;
        ItemTicket ticket;
        lock (_gate)
        {
            if (task.Worker is not { State: not WorkerState.Gone } found || !found.Holds(task, task.Ticket)) return;
            worker = found;
            ticket = task.Ticket;
            var record = new TicketRecord(ticket.Generation, ticket.Slot, reason);
            _control.TryWriteLocked(worker, RecordTag.Stop, RecordHeaders.BytesOf(in record).ToArray(), ref wakeups);
        }

        wakeups.Ring();
        var grace = _pool.CancellationGrace;
        string why = reason == StopReason.Timeout
            ? $"task {future.Id} ran past its timeout of {TimeoutArguments.Text(future.Options.Timeout.GetValueOrDefault())} and the grace of {TimeoutArguments.Text(grace)}"
            : $"task {future.Id} was cancelled, and went on past the grace of {TimeoutArguments.Text(grace)}";
        if (grace == TimeSpan.Zero) KillIfHeld(worker, task, ticket, why);
        else task.ArmKill(_pool.Time.CreateTimer(_ => KillIfHeld(worker, task, ticket, why), null, grace, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Kills a worker if it still runs this very attempt.</summary>
    private void KillIfHeld(WorkerHandle worker, SerializedTask task, ItemTicket ticket, string why)
    {
        lock (_gate)
        {
            if (worker.State == WorkerState.Gone || !worker.Holds(task, ticket)) return;
            worker.TryRequestKill(why);
        }

        worker.Process.Kill();
    }

    /// <summary>Turn: no thread is in the middle of reading results, so a task without a result is in the table.</summary>
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
            return $"its slot {task.Ticket.Slot} says that task {task.Future.Id} was taken back, which the executor has not done";

        // In this order: a worker that begins it now, or sends its result, is not idle, or the result is in the ring.
        return state == ItemSlotState.Started && worker.Channel.IsWorkerIdle && !worker.Channel.Results.HasRecord
            ? $"it waits for work, and its slot {task.Ticket.Slot} says that it has begun task {task.Future.Id}, which it has not answered"
            : null;
    }

    /// <summary>The time to start bounds the initializer too.</summary>
    private void KillIfUnprepared(WorkerHandle worker)
    {
        if (!worker.Setup.IsOverdue) return;
        worker.TryRequestKill($"its initializer had not ended {TimeoutArguments.Text(_startTimeout)} after the start; {nameof(ProcessExecutorOptions.StartTimeout)} is the limit");
        worker.Process.Kill();
    }

    private static void KillIfLate(WorkerHandle worker)
    {
        if (Stopwatch.GetTimestamp() - worker.EndingSince > s_endPatience) worker.Process.Kill();
    }
}
