namespace Samovar;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class ThreadHost
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <remarks>
    /// <list type="number">
    /// <item>Admissions close, so the set of tasks to be ended is known. Submitters that wait for room are refused.</item>
    /// <item>Unless draining: everything that waits, in the queue or for its next attempt, is cancelled.</item>
    /// <item>Killing: running tasks are cancelled and get the grace. Those still running then end as cancelled and are left
    /// behind.</item>
    /// <item>All admitted tasks end.</item>
    /// <item>The workers are told to end: parked ones are called, the others come to it as they find no work.</item>
    /// <item>All workers have ended, but for those left behind with work that cannot be stopped.</item>
    /// </list>
    /// </remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        _room?.Close();
        if (mode != ShutdownMode.Drain) CancelUnstarted();
        if (mode == ShutdownMode.Kill) await KillRunningAsync(grace).ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        StopWorkers();
        if (mode == ShutdownMode.Kill) await LeaveInitializersAsync(grace).ConfigureAwait(false);
        await _stopped.Task.ConfigureAwait(false);
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
                foreach (var worker in _workers.Where(static w => w.IsInitializing && !w.IsLeftBehind))
                {
                    worker.IsLeftBehind = true;
                    StopSearchingUnderGate(worker);
                    Activate(-1);
                }

                last = IsStoppedUnderGate();
            }

            if (last) _stopped.TrySetResult();
        }
    }

    /// <summary>Runs on whatever gave the attempt up. A thread cannot be freed from its work, so another takes its slot; an
    /// asynchronous task is simply no longer pumped.</summary>
    public override void LeftBehind(Future future)
    {
        base.LeftBehind(future);
        TaskPump? pump = null;
        WorkerThread? released = null;
        bool last = false;
        lock (_gate)
        {
            if (WorkerOfUnderGate(future) is { } worker)
            {
                var runner = worker.RunnerOf(future)!;
                pump = runner.Pump;
                if (pump is null && runner.Outer is null && !worker.IsLeftBehind)
                {
                    worker.IsLeftBehind = true;
                    if (worker.IsSlotLent) released = StopReturningUnderGate(worker);
                    else if (worker.IsSlotTaken) worker.IsSlotTaken = false;
                    else Activate(-1);
                    last = IsStoppedUnderGate();
                }
            }
        }

        pump?.Nudge();
        released?.Call();
        if (last) _stopped.TrySetResult();
        CallWorkers();
    }

    /// <summary>Takes a worker out of those that wait to get their slot back; null when it is not among them.</summary>
    private WorkerThread? StopReturningUnderGate(WorkerThread worker)
    {
        if (!_returning.Contains(worker)) return null;
        var others = _returning.Where(other => !ReferenceEquals(other, worker)).ToList();
        _returning.Clear();
        foreach (var other in others) _returning.Enqueue(other);
        Volatile.Write(ref _returningCount, _returning.Count);
        return worker;
    }

    private void CancelUnstarted()
    {
        foreach (var task in TakeAllQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
    }

    private async Task KillRunningAsync(TimeSpan grace)
    {
        BeginKilling();
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
                if (task.EndAsCanceled(task.Attempt)) LeftBehind(task);
            }
        }
    }

    private List<Future> RunningTasks()
    {
        lock (_gate) return RunningTasksUnderGate();
    }

    /// <summary>What runs, also beneath other tasks that help while they wait.</summary>
    private List<Future> RunningTasksUnderGate()
    {
        var running = new List<Future>();
        foreach (var worker in _workers)
        {
            for (var runner = worker.Runner; runner is not null; runner = runner.Outer)
            {
                if (runner.Current is { IsCompleted: false } task) running.Add(task);
            }
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
