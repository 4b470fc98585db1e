namespace Samovar;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class ThreadHost
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <remarks>
    /// <list type="number">
    /// <item>Admissions close, so the set of tasks to be ended is known. Submitters that wait for room are refused.</item>
    /// <item>Unless draining: from here on nothing starts. Everything that waits, in the queue or for its next attempt, is
    /// cancelled, and so is what comes to either later.</item>
    /// <item>Killing: running tasks are cancelled and get the grace. Those still running then end as cancelled and are left
    /// behind.</item>
    /// <item>All admitted tasks end.</item>
    /// <item>The workers are told to end: parked ones are called, the others come to it as they find no work. Killing gives those
    /// that do not come out of their initializer the grace.</item>
    /// <item>All workers have ended, but for those left behind with work that cannot be stopped.</item>
    /// </list>
    /// </remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        _room?.Close();
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            CancelUnstarted();
        }

        if (mode == ShutdownMode.Kill) await KillRunningAsync(grace).ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        StopWorkers();
        if (mode == ShutdownMode.Kill) await LeaveInitializersAsync(grace).ConfigureAwait(false);
        await _stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Runs on whatever gave the attempt up. A thread cannot be freed from its work, so another takes its slot; of an
    /// asynchronous task the thread is freed as soon as it is not in the task's own code.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        TaskPump? pump = null;
        WorkerThread? called = null;
        bool last = false;
        lock (_gate)
        {
            foreach (var worker in _workers)
            {
                if (worker.RunnerOf(future, attempt) is not { } runner) continue;
                pump = runner.Pump;

                // Beneath a task that only helps stands another, which goes on when the thread comes back to it.
                if (runner.Outer is null) called = LeaveBehindUnderGate(worker);
                else ReleaseUnderGate(worker);
                last = IsStoppedUnderGate();
                break;
            }
        }

        pump?.Nudge();
        called?.Call();
        if (last) _stopped.TrySetResult();
        CallWorkers();
    }

    /// <summary>After the grace, gives up threads that have not come out of their initializer.</summary>
    private async Task LeaveInitializersAsync(TimeSpan grace)
    {
        try
        {
            await _stopped.Task.WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            bool last;
            lock (_gate)
            {
                foreach (var worker in _workers.Where(static w => w.IsInitializing)) LeaveBehindUnderGate(worker);
                last = IsStoppedUnderGate();
            }

            if (last) _stopped.TrySetResult();
        }
    }

    private void CancelUnstarted()
    {
        foreach (var task in TakeAllQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
    }

    private async Task KillRunningAsync(TimeSpan grace)
    {
        foreach (var task in RunningTasks()) task.Cancel();
        try
        {
            await DrainAsync(CancellationToken.None).WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            CancelUnstarted();
            foreach (var task in RunningTasks())
            {
                int attempt = task.Attempt;
                if (task.Cancel() && task.EndAsCanceled(attempt)) LeftBehind(task, attempt);
            }
        }
    }

    private List<Future> RunningTasks()
    {
        lock (_gate) return RunningTasksUnderGate();
    }

    /// <summary>What runs, also beneath other tasks that help while they wait, and what a worker has taken to run next.</summary>
    private List<Future> RunningTasksUnderGate()
    {
        var running = new List<Future>();
        foreach (var worker in _workers) running.AddRange(TasksUnderGate(worker));
        return running;
    }

    private static List<Future> TasksUnderGate(WorkerThread worker)
    {
        var running = new List<Future>();
        if (worker.Taken is { IsCompleted: false } taken) running.Add(taken);
        for (var runner = worker.Runner; runner is not null; runner = runner.Outer)
        {
            if (runner.Current is { IsCompleted: false } task && !running.Contains(task)) running.Add(task);
        }

        return running;
    }

    private void StopWorkers()
    {
        List<WorkerThread> parked;
        bool stopped;
        lock (_gate)
        {
            _isStopping = true;
            parked = [.. _parked];
            _parked.Clear();
            foreach (var worker in parked) worker.MustEnd = true;
            _idleTimer?.Dispose();
            _stallTimer?.Dispose();
            stopped = IsStoppedUnderGate();
        }

        foreach (var worker in parked) worker.Call();
        if (stopped) _stopped.TrySetResult();
    }

    private bool IsStoppedUnderGate() => _isStopping && _workers.TrueForAll(static w => w.IsLeftBehind);
}
