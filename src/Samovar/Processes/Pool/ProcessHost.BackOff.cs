namespace Samovar.Processes;

/// <content>Starts that fail while other workers work: tried again now and then, and not for ever at full speed.</content>
internal sealed partial class ProcessHost
{
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromSeconds(1);

    /// <summary>The pauses double up to about a minute.</summary>
    private const int MostDoublings = 6;

    private ITimer? _backOff; // gate
    private int _backOffs; // gate: since the last start that did not fail

    /// <summary>Where nobody is left to do the work, a last start is to tell why there is none.</summary>
    private bool IsBackingOffUnderGate => _backOff is not null && _ready.Count > 0;

    private void BackOffUnderGate()
    {
        if (_backOff is not null || _isEnding) return;
        var pause = s_firstBackOff * (1 << Math.Min(_backOffs++, MostDoublings));
        _backOff = Time.CreateTimer(static host => ((ProcessHost)host!).StartAgain(), this, pause, Timeout.InfiniteTimeSpan);
    }

    private void EndBackOffUnderGate()
    {
        _backOffs = 0;
        _backOff?.Dispose();
        _backOff = null;
    }

    private void StartAgain()
    {
        lock (_gate)
        {
            _backOff?.Dispose();
            _backOff = null;
        }

        Replace();
    }

    /// <summary>Drain: a worker's initializer has not ended. The time to start bounds it too.</summary>
    private void KillIfUnprepared(WorkerLink link)
    {
        if (!link.Connection.IsOverdue) return;
        link.TryCondemn($"its initializer had not ended {_options.StartTimeout.TotalSeconds:0.###} s after the start; {nameof(ProcessExecutorOptions.StartTimeout)} is the limit");
        link.Process.Kill();
    }
}
