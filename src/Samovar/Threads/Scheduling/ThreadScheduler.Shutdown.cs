using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <content>The steps that an executor on threads adds to the shutdown protocol of all executors.</content>
internal sealed partial class ThreadScheduler
{
    /// <summary>Runs on the thread that abandoned the attempt. A thread cannot be freed from its work, so another takes its slot; the
    /// thread of an asynchronous task is freed as soon as it does not run the task's own code.</summary>
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

                // A task that runs inside a waiting task has interrupted that one, which continues when the thread returns to it.
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
        List<Future> taken = [];
        lock (_gate)
        {
            while (_queue.TakeLocked() is { } task)
            {
                if (!TryTake(task)) _queue.Skipped();
            }

            foreach (var worker in _threads.WorkersLocked)
            {
                while (worker.Batch.TakeOverLocked() is { } task) TryTake(task);
            }
        }

        if (_room is not null)
        {
            for (int i = 0; i < taken.Count; i++) _room.GiveBack();
        }

        return taken;

        bool TryTake(Future task)
        {
            if (!task.QueueMark.TryClear()) return false;
            taken.Add(task);
            return true;
        }
    }

    protected override List<Future> TasksUnderWay()
    {
        lock (_gate) return TasksUnderWayLocked();
    }

    /// <remarks>
    /// <list type="number">
    /// <item>The workers stop: parked ones are woken, the others exit when they find no work. With Kill, workers that have not returned
    /// from their initializer get the grace period.</item>
    /// <item>All workers have exited, except those abandoned with work that cannot be stopped.</item>
    /// </list>
    /// </remarks>
    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        _threads.Stop();
        _blocked.Stop();
        if (mode == ShutdownMode.Kill) await LeaveInitializersAsync(grace).ConfigureAwait(false);
        await _threads.Stopped.ConfigureAwait(false);
    }

    /// <summary>After the grace period, abandons threads that have not returned from their initializer.</summary>
    private async Task LeaveInitializersAsync(TimeSpan grace)
    {
        try
        {
            await _threads.Stopped.WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace period has expired.
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

    /// <summary>Returns the running tasks, including those that wait while their thread runs another task, and those that a worker has
    /// taken to run next.</summary>
    private List<Future> TasksUnderWayLocked()
    {
        var running = new List<Future>();
        foreach (var worker in _threads.WorkersLocked) running.AddRange(worker.Tasks());
        return running;
    }
}
