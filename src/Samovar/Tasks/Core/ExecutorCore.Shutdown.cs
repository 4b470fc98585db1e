namespace Samovar.Tasks.Core;

/// <content>Shutdown: one protocol for all executors; each overrides the steps that differ. Shutdown may be requested several times, each
/// time with a stricter mode; every step can be repeated.</content>
/// <remarks>
/// <list type="number">
/// <item>Admissions close (<see cref="CloseAdmissions"/>), so that the set of tasks to complete is fixed. Submitters that wait for room are
/// refused.</item>
/// <item>Unless the mode is Drain: from now on no task starts. Tasks that wait, in the queue or for their next attempt, are cancelled
/// (<see cref="CancelUnstarted"/>), and so are tasks that are queued or delayed later.</item>
/// <item>If the mode is Kill: tasks in flight are cancelled and get the grace period. <see cref="GiveUpRunning"/> completes those that
/// still run after it.</item>
/// <item>All admitted tasks complete. Then the actors that the executor has created end; if the mode is Kill, they end at the same time as the
/// tasks.</item>
/// <item>The workers stop (<see cref="StopAsync"/>): threads, processes, or the loop.</item>
/// </list>
/// </remarks>
internal abstract partial class ExecutorCore
{
    private bool _isDiscarding;
    private bool _isKilling;

    /// <summary>Whether no task may start any more.</summary>
    public bool IsDiscarding => Volatile.Read(ref _isDiscarding);

    /// <summary>Whether running tasks are to be stopped too, by force after the grace period.</summary>
    public bool IsKilling => Volatile.Read(ref _isKilling);

    /// <summary>See <see cref="Executor.ShutdownAsync"/>. May be called again, with another mode.</summary>
    public async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        CloseAdmissions();
        Recorder.Works.Drop(); // SYNC: work kept or dropped

        // SYNC: queued or ending. The mode is set, then the queue is read, under the executor's gate.
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            CancelUnstarted();
        }

        if (mode == ShutdownMode.Kill)
        {
            var ended = EndMembersAsync(mode, grace); // at the same time: each has the grace period
            await KillAsync(grace).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }

        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        await EndMembersAsync(mode, grace).ConfigureAwait(false); // after the tasks, which may call actors
        await StopAsync(mode, grace).ConfigureAwait(false);
    }

    /// <summary>Cancels the tasks that have not started; the executor continues.</summary>
    public void CancelQueued() => CancelUnstarted();

    /// <summary>Closes admissions: no more tasks are accepted, and submitters that wait for room in a bounded queue are refused.</summary>
    protected virtual void CloseAdmissions() => Counters.Close();

    /// <summary>Removes and returns all tasks in the executor's queue.</summary>
    protected virtual List<Future> TakeQueued() => [];

    /// <summary>Returns the tasks that have left the queue and have not completed.</summary>
    protected virtual List<Future> TasksUnderWay() => [];

    /// <summary>Stops the workers after all tasks have completed. Completes when only workers that cannot be stopped are left.</summary>
    protected virtual Task StopAsync(ShutdownMode mode, TimeSpan grace) => Task.CompletedTask;

    /// <summary>Cancels all tasks that have not started.</summary>
    protected virtual void CancelUnstarted()
    {
        foreach (var task in TakeQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
        foreach (var task in Resources?.FindWaiting() ?? []) task.Cancel();
        CancelWaiting();
    }

    /// <summary>Completes the tasks that still run after the grace period as cancelled, and abandons their work.</summary>
    /// <param name="grace">The grace period that has expired.</param>
    protected virtual void GiveUpRunning(TimeSpan grace)
    {
        CancelUnstarted();
        foreach (var task in TasksUnderWay())
        {
            int attempt = task.Attempt;
            task.Controls?.Grant?.Abandon();
            if (task.Cancel() && task.EndAsCanceled(attempt)) LeftBehind(task, attempt);
        }
    }

    /// <summary>Announces that tasks that have not started are cancelled from now on. Called before queued and running tasks are
    /// listed.</summary>
    protected void BeginDiscarding()
    {
        // SYNC: discard against start. The flag is set (a full fence), then queued and running tasks are listed.
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
            // The grace period has expired.
            GiveUpRunning(grace);
        }
    }
}
