namespace Samovar.Tasks.Core;

/// <content>The end of an executor: one protocol for all of them, of which each supplies what differs. It may be asked for several times, each time
/// going further; every step can be repeated.</content>
/// <remarks>
/// <list type="number">
/// <item>Admissions close (<see cref="CloseAdmissions"/>), so the set of tasks to be ended is known. Submitters that wait for room are refused.</item>
/// <item>Unless draining: from here on nothing starts. What waits, in the queue or for its next attempt, is cancelled
/// (<see cref="CancelUnstarted"/>), and so is what comes to either later.</item>
/// <item>Killing: tasks under way are cancelled and get the grace. <see cref="GiveUpRunning"/> ends those that still run then.</item>
/// <item>All admitted tasks end.</item>
/// <item>What ran them ends (<see cref="StopAsync"/>): threads, processes, the loop.</item>
/// </list>
/// </remarks>
internal abstract partial class ExecutorCore
{
    private bool _isDiscarding;
    private bool _isKilling;

    /// <summary>Whether nothing may start any more.</summary>
    public bool IsDiscarding => Volatile.Read(ref _isDiscarding);

    /// <summary>Whether what runs is to end too, by force after the grace.</summary>
    public bool IsKilling => Volatile.Read(ref _isKilling);

    /// <summary>See <see cref="Executor.ShutdownAsync"/>. May be called again, with another mode.</summary>
    public async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        CloseAdmissions();

        // SYNC: queued or ending. The mode is set, then what is queued is looked at, under the executor's gate.
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            CancelUnstarted();
        }

        if (mode == ShutdownMode.Kill) await KillAsync(grace).ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        await StopAsync(mode, grace).ConfigureAwait(false);
    }

    /// <summary>No more tasks are taken; submitters that wait for room in a bounded queue are refused.</summary>
    protected virtual void CloseAdmissions() => Counters.Close();

    /// <summary>Takes all tasks that wait in the executor's queue.</summary>
    protected virtual List<Future> TakeQueued() => [];

    /// <summary>The tasks that have left the queue and have not ended.</summary>
    protected virtual List<Future> TasksUnderWay() => [];

    /// <summary>The tasks have ended: ends what ran them, and completes when nothing of it is left but what cannot be ended.</summary>
    protected virtual Task StopAsync(ShutdownMode mode, TimeSpan grace) => Task.CompletedTask;

    /// <summary>Cancels what has not begun.</summary>
    protected virtual void CancelUnstarted()
    {
        foreach (var task in TakeQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
    }

    /// <summary>Ends what still runs after the grace: it ends as cancelled, and its work is left behind.</summary>
    /// <param name="grace">What it was granted.</param>
    protected virtual void GiveUpRunning(TimeSpan grace)
    {
        CancelUnstarted();
        foreach (var task in TasksUnderWay())
        {
            int attempt = task.Attempt;
            if (task.Cancel() && task.EndAsCanceled(attempt)) LeftBehind(task, attempt);
        }
    }

    /// <summary>From here on what has not started is cancelled instead; before what waits and what runs is listed.</summary>
    protected void BeginDiscarding()
    {
        // SYNC: discard against start. It is announced (a full fence), then what waits and what runs is listed.
        Volatile.Write(ref _isDiscarding, true);
        Interlocked.MemoryBarrier();
    }

    private async Task KillAsync(TimeSpan grace)
    {
        Volatile.Write(ref _isKilling, true);
        foreach (var task in TasksUnderWay()) task.Cancel();
        try
        {
            await DrainAsync(CancellationToken.None).WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            GiveUpRunning(grace);
        }
    }
}
