namespace Samovar.Loops.Scheduling;

/// <content>The loop's part of the shutdown that all executors share.</content>
internal sealed partial class LoopScheduler
{
    /// <summary>Closes admissions and prevents further tasks from starting, because the main work has completed.</summary>
    /// <returns>All submitted tasks that have not completed.</returns>
    public List<Future> BeginEnding()
    {
        CloseAdmissions();
        BeginDiscarding();
        foreach (var actor in ListActors()) actor.BeginEnding();
        return [.. TasksUnderWay(), .. TakeQueued(), .. TakeDelayed(), .. Resources?.FindWaiting() ?? []];
    }

    /// <summary>Leaves behind the tasks that still run after the grace period.</summary>
    public void GiveUp() => GiveUpRunning(CancellationGrace);

    /// <remarks>The loop's own thread exits, unless it is stuck in work that was left behind. A loop that runs on its caller's thread stops with its
    /// main work.</remarks>
    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        if (!_hasThread) return;
        bool isStarted;
        lock (_gate)
        {
            _isStopping = true;
            isStarted = _thread is not null;
        }

        if (!isStarted)
        {
            Loop.Close();
            HasEnded();
            _stopped.TrySetResult();
        }

        Loop.Stop();
        if (mode == ShutdownMode.Kill) await LeaveThreadAsync(grace).ConfigureAwait(false);
        else await _stopped.Task.ConfigureAwait(false);
    }

    protected override List<Future> TakeQueued()
    {
        List<Future> queued = [];
        lock (_gate)
        {
            while (_queue.TakeFirst() is { } task) queued.Add(task);
        }

        foreach (var actor in ListActors()) queued.AddRange(actor.TakeCalls());
        return queued;
    }

    protected override List<Future> TasksUnderWay()
    {
        List<Future> tasks;
        lock (_gate) tasks = [.. _underWay.Keys];
        foreach (var actor in ListActors()) tasks.AddRange(actor.RunningCalls());
        return tasks;
    }

    /// <summary>Waits for the thread during the grace period. A thread cannot be taken from code that blocks it; it is a background thread and exits
    /// when that code returns.</summary>
    private async Task LeaveThreadAsync(TimeSpan grace)
    {
        try
        {
            await _stopped.Task.WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace period has expired. The work that occupies the thread is counted as left behind.
        }
    }
}
