using System.Globalization;

namespace Samovar.Processes;

/// <content>Workers that do not come up: a circuit breaker around their starts.</content>
/// <remarks>
/// <list type="number">
/// <item>After a failed start comes a pause, which doubles with each failure in a row. Then one worker at a time is started, if there is
/// work for it; what is queued waits.</item>
/// <item>The breaker opens when starts have failed for <see cref="s_patience"/> and the executor has no worker: everything queued fails with
/// the last error, and submitting throws it.</item>
/// <item>It is half open when the next pause is over: work is accepted again, and the first task starts one worker. If that fails too, the
/// breaker opens again.</item>
/// <item>A worker that comes up closes it. A pause that began beside workers ends when the last of them goes.</item>
/// <item>An initializer that throws breaks the executor for good (<see cref="Break"/>): it would throw again.</item>
/// </list>
/// </remarks>
internal sealed partial class ProcessHost
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The pauses double up to about a minute.</summary>
    private const int MostDoublings = 8;

    /// <summary>How long starts fail before what waits fails too: causes such as a lack of descriptors are often gone by then.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private Pause? _pause; // gate: no worker is started while there is one
    private int _failuresInARow; // gate: failed starts that began a pause, since the last that succeeded
    private long _failingSince; // gate: the first of them, by the executor's clock
    private long _failedStarts; // gate
    private Exception? _startError; // gate: the last failure; null while starts succeed
    private bool _wasOpen; // gate: the breaker has opened since the last start that succeeded
    private long _pausedAt; // gate: when the last pause began
    private TimeSpan _pauseLength; // gate
    private Func<Exception>? _refusal; // set under the gate while the breaker is open; read without it

    /// <summary>What submitting throws and what is queued fails with; null while work is accepted.</summary>
    private Func<Exception>? Refusal => Volatile.Read(ref _broken) ?? Volatile.Read(ref _refusal);

    /// <summary>Throws where no work is accepted; accepts it again where the pause is over.</summary>
    private void RefuseOrAccept()
    {
        if (Volatile.Read(ref _refusal) is not null) EndPauseWhereOver();
        if (Refusal is { } refusal) throw refusal();
    }

    private WorkerStartState StartStateUnderGate =>
        _startError is null ? WorkerStartState.Closed
        : _refusal is not null ? WorkerStartState.Open
        : _wasOpen ? WorkerStartState.HalfOpen
        : WorkerStartState.Retrying;

    /// <summary>A worker has not come up. On the draining thread, or on that which was to start it.</summary>
    private void StartFailed(Exception error)
    {
        lock (_gate)
        {
            _failedStarts++;
            if (_startError is null) _failingSince = Time.GetTimestamp();
            _startError = error;
            if (_isEnding || _pause is not null) return; // of several that failed together, one begins the pause
            _pauseLength = s_firstPause * (1 << Math.Min(_failuresInARow++, MostDoublings));
            _pausedAt = Time.GetTimestamp();
            bool isTimed = TryTimePauseUnderGate();
            bool isOverdue = Time.GetElapsedTime(_failingSince, _pausedAt) >= s_patience || !isTimed;
            if (isOverdue && _ready.Count + _spares.Count + _starting == 0) OpenUnderGate(error);
        }

        FailQueued();
    }

    /// <summary>Ends the pause by a timer. False: none can be had, such as where no thread can be started for the first timer of a program.
    /// Then nothing may wait for it; the next task looks at the clock.</summary>
    private bool TryTimePauseUnderGate()
    {
        try
        {
            _pause = new Pause(this);
            _pause.Begin(_pauseLength);
            return true;
        }
        catch (OutOfMemoryException)
        {
            _pause?.Dispose();
            _pause = null;
            return false;
        }
    }

    private void OpenUnderGate(Exception error)
    {
        _wasOpen = true;
        int failures = _failuresInARow;
        var failing = Time.GetElapsedTime(_failingSince, _pausedAt);
        var pause = _pauseLength;
        Volatile.Write(ref _refusal, () => CannotStart(error, failures, failing, pause));
    }

    private WorkerStartException CannotStart(Exception error, int failures, TimeSpan failing, TimeSpan pause) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"'{Name}' cannot start workers: {error.Message}\n{failures} starts in a row have failed within {failing.TotalSeconds:0.0} s. Work that is submitted {pause.TotalSeconds:0.0} s after the last of them tries again."),
        error)
    {
        ProcessId = (error as WorkerStartException)?.ProcessId,
        ErrorOutput = (error as WorkerStartException)?.ErrorOutput ?? "",
    };

    private void PauseOver(Pause pause)
    {
        lock (_gate)
        {
            if (pause != _pause) return; // the timer calls late: this pause was ended before, and what runs now may be the next
            EndPauseUnderGate();
        }

        Replace();
    }

    /// <summary>The timer does this too, where there is one.</summary>
    private void EndPauseWhereOver()
    {
        lock (_gate)
        {
            if (_refusal is not null && Time.GetElapsedTime(_pausedAt) >= _pauseLength) EndPauseUnderGate();
        }
    }

    private void EndPauseUnderGate()
    {
        _pause?.Dispose();
        _pause = null;
        Volatile.Write(ref _refusal, null);
    }

    /// <summary>A worker has come up, or the executor ends.</summary>
    private void ForgetFailuresUnderGate()
    {
        EndPauseUnderGate();
        _failuresInARow = 0;
        _startError = null;
        _wasOpen = false;
    }

    /// <summary>Takes a worker out of those that get work. If it was the last, whatever waits is not kept waiting by a pause that began while
    /// there were others.</summary>
    private void TakeOutUnderGate(WorkerLink link)
    {
        if (_ready.Remove(link) && _ready.Count == 0 && _refusal is null) EndPauseUnderGate();
        _spares.Remove(link);
    }

    /// <summary>Drain: a worker's initializer has not ended. The time to start bounds it too.</summary>
    private void KillIfUnprepared(WorkerLink link)
    {
        if (!link.Connection.IsOverdue) return;
        link.TryCondemn($"its initializer had not ended {Durations.Text(_options.StartTimeout)} after the start; {nameof(ProcessExecutorOptions.StartTimeout)} is the limit");
        link.Process.Kill();
    }

    /// <summary>One pause, and the timer that ends it.</summary>
    private sealed class Pause : IDisposable
    {
        private readonly ProcessHost _host;
        private readonly ITimer _timer;

        public Pause(ProcessHost host)
        {
            _host = host;
            _timer = host.Time.CreateUnflowedTimer(static pause => ((Pause)pause!).Over(), this);
        }

        public void Begin(TimeSpan length) => _timer.Change(length, Timeout.InfiniteTimeSpan);

        public void Dispose() => _timer.Dispose();

        private void Over() => _host.PauseOver(this);
    }
}
