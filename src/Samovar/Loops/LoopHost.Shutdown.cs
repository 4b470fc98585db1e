namespace Samovar.Loops;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class LoopHost
{
    /// <remarks>
    /// <list type="number">
    /// <item>Admissions close. Unless draining: from here on nothing starts; what waits is cancelled.</item>
    /// <item>Killing: running tasks are cancelled and get the grace. Those still running then end as cancelled and are left behind.</item>
    /// <item>All admitted tasks end.</item>
    /// <item>The loop's own thread ends, unless it is stuck in work that was left behind. A loop that runs on its caller's thread ends with its
    /// main work.</item>
    /// </list>
    /// </remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            CancelUnstarted();
        }

        if (mode == ShutdownMode.Kill) await KillRunningAsync(grace).ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        if (!_hasThread) return;
        bool isStarted;
        lock (_gate)
        {
            _isStopping = true;
            isStarted = _thread is not null;
        }

        if (!isStarted)
        {
            Core.Close();
            _stopped.TrySetResult();
        }

        Core.Stop();
        if (mode == ShutdownMode.Kill) await LeaveThreadAsync(grace).ConfigureAwait(false);
        else await _stopped.Task.ConfigureAwait(false);
    }

    private void CancelUnstarted()
    {
        List<Future> queued = [];
        lock (_gate)
        {
            while (_lanes.TakeFirst() is { } task) queued.Add(task);
        }

        foreach (var task in queued) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
    }

    private async Task KillRunningAsync(TimeSpan grace)
    {
        foreach (var task in UnderWay()) task.Cancel();
        try
        {
            await DrainAsync(CancellationToken.None).WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            GiveUpRunning();
        }
    }

    private void GiveUpRunning()
    {
        CancelUnstarted();
        foreach (var task in UnderWay())
        {
            int attempt = task.Attempt;
            if (task.Cancel() && task.EndAsCanceled(attempt)) LeftBehind(task, attempt);
        }
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

    private List<Future> UnderWay()
    {
        lock (_gate) return [.. _underWay.Keys];
    }
}
