namespace Samovar.Processes;

/// <content>The end. May be asked for several times, each time going further; every step can be repeated.</content>
internal sealed partial class ProcessHost
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isEnding;

    protected override void CloseAdmissions()
    {
        base.CloseAdmissions();
        _room?.Close();
    }

    /// <remarks>
    /// <list type="number">
    /// <item>The workers are told to end; those that do not are killed after two seconds, at once when killing.</item>
    /// <item>All processes have ended, all channels are unmapped, the draining thread ends.</item>
    /// <item>The last lines that workers wrote are handed on; one who does not take them is waited for no longer than two seconds.</item>
    /// </list>
    /// </remarks>
    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
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

    /// <summary>After the grace the workers of what still runs are killed.</summary>
    protected override void GiveUpRunning(TimeSpan grace)
    {
        WorkerLink[] busy;
        lock (_gate) busy = [.. _links.Where(static link => link.Out > 0)];
        foreach (var link in busy)
        {
            link.TryCondemn($"'{Name}' was shut down, and its work went on past the grace of {Durations.Text(grace)}");
            link.Process.Kill();
        }
    }

    protected override List<Future> TasksUnderWay()
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
                if (link.State == WorkerLinkState.Starting || (IsKilling && link.State < WorkerLinkState.Gone))
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
