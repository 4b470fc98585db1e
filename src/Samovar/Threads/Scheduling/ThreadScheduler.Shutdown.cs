using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <content>What the end of an executor on threads adds to that of every executor.</content>
internal sealed partial class ThreadScheduler
{
    /// <summary>Runs on whatever gave the attempt up. A thread cannot be freed from its work, so another takes its slot; of an
    /// asynchronous task the thread is freed as soon as it is not in the task's own code.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        TaskPump? pump = null;
        WorkerThread? called = null;
        bool isLast = false;
        lock (_gate)
        {
            foreach (var worker in _threads.WorkersLocked)
            {
                if (worker.RunnerOf(future, attempt) is not { } runner) continue;
                pump = runner.Pump;

                // A task that only helps has interrupted another, which goes on when the thread comes back to it.
                if (runner.Outer is null) called = _slots.LeaveBehindLocked(worker);
                else _slots.ReleaseLocked(worker);
                isLast = _threads.IsStoppedLocked;
                break;
            }

            CheckInvariantsLocked();
        }

        pump?.Nudge();
        called?.Call();
        if (isLast) _threads.SignalStopped();
        CallWorkers();
    }

    protected override void CloseAdmissions()
    {
        base.CloseAdmissions();
        _room?.Close();
    }

    protected override List<Future> TakeQueued()
    {
        List<Future> taken;
        lock (_gate) taken = _queue.TakeAllLocked();
        if (_room is not null)
        {
            for (int i = 0; i < taken.Count; i++) _room.GiveBack();
        }

        return taken;
    }

    protected override List<Future> TasksUnderWay()
    {
        lock (_gate) return TasksUnderWayLocked();
    }

    /// <remarks>
    /// <list type="number">
    /// <item>The workers end: parked ones are called, the others end as they find no work. Killing gives those
    /// that do not come out of their initializer the grace.</item>
    /// <item>All workers have ended, but for those left behind with work that cannot be stopped.</item>
    /// </list>
    /// </remarks>
    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        _threads.Stop();
        _blocked.Stop();
        if (mode == ShutdownMode.Kill) await LeaveInitializersAsync(grace).ConfigureAwait(false);
        await _threads.Stopped.ConfigureAwait(false);
    }

    /// <summary>After the grace, gives up threads that have not come out of their initializer.</summary>
    private async Task LeaveInitializersAsync(TimeSpan grace)
    {
        try
        {
            await _threads.Stopped.WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            bool isLast;
            lock (_gate)
            {
                foreach (var worker in _threads.WorkersLocked.Where(static worker => worker.IsInitializing)) _slots.LeaveBehindLocked(worker);
                isLast = _threads.IsStoppedLocked;
                CheckInvariantsLocked();
            }

            if (isLast) _threads.SignalStopped();
        }
    }

    /// <summary>What runs, also what waits while its thread helps with another task, and what a worker has taken to run next.</summary>
    private List<Future> TasksUnderWayLocked()
    {
        var running = new List<Future>();
        foreach (var worker in _threads.WorkersLocked) running.AddRange(worker.Tasks());
        return running;
    }
}
