namespace Samovar.Loops.Scheduling;

/// <content>What the end of a loop adds to that of every executor.</content>
internal sealed partial class LoopScheduler
{
    /// <summary>Closes admissions and lets nothing start any more: the main work has ended.</summary>
    /// <returns>Everything submitted that has not ended.</returns>
    public List<Future> BeginEnding()
    {
        CloseAdmissions();
        BeginDiscarding();
        return [.. TasksUnderWay(), .. TakeQueued(), .. TakeDelayed()];
    }

    /// <summary>Leaves behind what still runs after the grace.</summary>
    public void GiveUp() => GiveUpRunning(CancellationGrace);

    /// <remarks>The loop's own thread ends, unless it is stuck in work that was left behind. A loop that runs on its caller's thread ends with its
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

        return queued;
    }

    protected override List<Future> TasksUnderWay()
    {
        lock (_gate) return [.. _underWay.Keys];
    }

    /// <summary>A thread cannot be freed from code that blocks it; it is a background thread, and ends when that code does.</summary>
    private async Task LeaveThreadAsync(TimeSpan grace)
    {
        try
        {
            await _stopped.Task.WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over. Whose work holds the thread is counted as left behind.
        }
    }
}
