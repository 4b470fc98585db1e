namespace Samovar.Processes;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class ProcessHost
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isEnding;
    private bool _endsRunning;

    /// <remarks>
    /// <list type="number">
    /// <item>Admissions close, so the set of tasks to be ended is known.</item>
    /// <item>Unless draining: everything that has not begun, in the queue, sent ahead or waiting for its next attempt, is
    /// cancelled.</item>
    /// <item>Killing: running tasks are cancelled and get the grace; after it their workers are killed.</item>
    /// <item>All admitted tasks end.</item>
    /// <item>The workers are told to end; those that do not are killed after two seconds, at once when killing.</item>
    /// <item>All processes have ended, all channels are unmapped, the draining thread ends.</item>
    /// <item>The last lines that workers wrote are handed on; one who does not take them is waited for no longer than two seconds.</item>
    /// </list>
    /// </remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        _room?.Close();
        // SYNC: queued or ending. The mode is set, then what is queued is looked at, under the gate.
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            CancelUnstarted();
        }

        if (mode == ShutdownMode.Kill)
        {
            Volatile.Write(ref _endsRunning, true);
            foreach (var task in Unanswered()) task.Cancel();
            await KillAfterAsync(grace).ConfigureAwait(false);
        }

        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
        {
            _isEnding = true;
            _idleTimer?.Dispose();
            ForgetFailuresUnderGate();
            if (_thread is null) _stopped.TrySetResult();
        }

        _bell?.Interrupt();
        await _stopped.Task.ConfigureAwait(false);
        await _delivery.HandOnAsync().ConfigureAwait(false);
    }

    private void CancelUnstarted()
    {
        foreach (var task in TakeAllQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
        foreach (var task in Unanswered())
        {
            CancelIfUnstarted(task);
        }
    }

    private async Task KillAfterAsync(TimeSpan grace)
    {
        try
        {
            await DrainAsync(CancellationToken.None).WaitAsync(grace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace is over; what follows is what it was granted against.
            WorkerLink[] busy;
            lock (_gate) busy = [.. _links.Where(static link => link.Out > 0)];
            foreach (var link in busy)
            {
                link.TryCondemn($"'{Name}' was shut down, and its work went on past the grace of {Durations.Text(grace)}");
                link.Process.Kill();
            }
        }
    }

    private void CancelIfUnstarted(Future task)
    {
        if (task.SentState == FutureState.Sent) Recall(task);
        if (task.SentState == FutureState.Queued) task.Cancel();
    }

    private List<Future> Unanswered()
    {
        lock (_gate) return [.. _links.SelectMany(static link => link.Unanswered()).Select(static shipment => shipment.Future)];
    }

    /// <summary>Drain: takes the last steps once the executor is ending. True: nothing is left, the thread ends.</summary>
    private bool TryFinish()
    {
        WorkerLink[] links;
        lock (_gate)
        {
            if (!_isEnding) return false;
            links = _links;
            foreach (var link in links)
            {
                if (link.State == WorkerLinkState.Starting || (Volatile.Read(ref _endsRunning) && link.State < WorkerLinkState.Gone))
                    link.TryCondemn($"'{Name}' is shut down");
                else if (link.State < WorkerLinkState.Retiring) RetireUnderGate(link);
            }

            if (links.Length > 0 || _launching > 0) return false;
        }

        lock (_turn)
        {
            _hasFinished = true;
            if (!_hasLeftBehind) _bell!.Dispose();
        }

        _warm.Dispose();
        _initializerKept.Dispose();

        _stopped.TrySetResult();
        return true;
    }
}
