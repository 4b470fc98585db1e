namespace Samovar.Processes;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class ProcessHost
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan? _killGrace;
    private bool _isEnding;

    /// <remarks>
    /// <list type="number">
    /// <item>Admissions close, so the set of tasks to be ended is known.</item>
    /// <item>Unless draining: everything that has not begun, in the queue, sent ahead or waiting for its next attempt, is
    /// cancelled.</item>
    /// <item>Killing: running tasks are cancelled and get the grace; after it their workers are killed.</item>
    /// <item>All admitted tasks end.</item>
    /// <item>The workers are told to end; those that do not are killed after two seconds, at once when killing.</item>
    /// <item>All processes have ended, all channels are unmapped, the draining thread ends.</item>
    /// </list>
    /// </remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        if (mode == ShutdownMode.Kill) _killGrace = grace;
        if (mode != ShutdownMode.Drain) CancelUnstarted();
        if (mode == ShutdownMode.Kill)
        {
            foreach (var task in Unanswered()) task.Cancel();
            if (grace == TimeSpan.Zero) CancelUnstarted();
        }

        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
        {
            _isEnding = true;
            _idleTimer?.Dispose();
            if (_thread is null) _stopped.TrySetResult();
        }

        _bell?.Interrupt();
        await _stopped.Task.ConfigureAwait(false);
    }

    private void CancelUnstarted()
    {
        foreach (var task in TakeAllQueued()) task.Cancel();
        foreach (var task in TakeDelayed()) task.Cancel();
        foreach (var task in Unanswered())
        {
            Recall(task);
            if (task.State == FutureState.Queued) task.Cancel();
        }
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
                if (link.State == WorkerLinkState.Starting || (_killGrace is not null && link.State < WorkerLinkState.Gone))
                    link.TryCondemn($"'{Name}' is shut down");
                else if (link.State < WorkerLinkState.Retiring) RetireUnderGate(link);
            }

            if (links.Length > 0 || _launching > 0) return false;
        }

        if (!_hasLeftBehind) _bell!.Dispose();
        _stopped.TrySetResult();
        return true;
    }
}
