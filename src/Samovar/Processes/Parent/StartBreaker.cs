using System.Diagnostics;
using System.Globalization;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A circuit breaker around the starts of workers, for workers that do not come up.</summary>
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
/// Lock rule: the gate guards every field that changes but <see cref="_broken"/>, which any thread sets once. Submitters read that and
/// <see cref="_refusal"/> without the gate. A member whose name ends in "Locked" is called under the gate, and calls no other class but timers.
/// </remarks>
internal sealed class StartBreaker(ExecutorCore pool, Lock gate)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The pauses double up to about a minute.</summary>
    private const int MostDoublings = 8;

    /// <summary>How long starts fail before what waits fails too: causes such as a lack of descriptors are often gone by then.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly ExecutorCore _pool = pool;
    private readonly Lock _gate = gate;
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task
    private Pause? _pause; // no worker is started while there is one
    private int _failuresInARow; // failed starts that began a pause, since the last that succeeded
    private long _failingSince; // the first of them, by the executor's clock
    private long _failedStarts;
    private Exception? _startError; // the last failure; null while starts succeed
    private bool _wasOpen; // the breaker has opened since the last start that succeeded
    private long _pausedAt; // when the last pause began
    private TimeSpan _pauseLength;
    private Func<Exception>? _refusal; // not null while the breaker is open
    private Func<Exception>? _broken; // set once, by any thread: the executor is of no more use

    /// <summary>What submitting throws and what is queued fails with; null while work is accepted.</summary>
    public Func<Exception>? Refusal => Volatile.Read(ref _broken) ?? Volatile.Read(ref _refusal);

    public WorkerStartState StateLocked =>
        _startError is null ? WorkerStartState.Closed
        : _refusal is not null ? WorkerStartState.Open
        : _wasOpen ? WorkerStartState.HalfOpen
        : WorkerStartState.Retrying;

    public long FailedStartsLocked => _failedStarts;

    /// <summary>Why the last start failed; null while starts succeed.</summary>
    public Exception? LastErrorLocked => _startError;

    /// <summary>Whether a worker may be started now.</summary>
    public bool AllowsStartsLocked => Volatile.Read(ref _broken) is null && _pause is null && _refusal is null;

    public void Connect(WorkerSupervisor supervisor) => _supervisor = supervisor;

    /// <summary>Throws where no work is accepted; accepts it again where the pause is over.</summary>
    public void ThrowIfRefusing()
    {
        if (Volatile.Read(ref _refusal) is not null) EndPauseWhereOver();
        if (Refusal is { } refusal) throw refusal();
    }

    /// <summary>Ends the executor's usefulness: from here on everything that is queued or submitted is refused. The first error stays.</summary>
    public void Break(Func<Exception> error) => Interlocked.CompareExchange(ref _broken, error, null);

    /// <summary>Notes that a worker has not come up, and begins a pause.</summary>
    /// <returns>False where there is no need to pause: the executor ends, or another failure began a pause.</returns>
    public bool NoteFailureLocked(Exception error, bool isEnding, bool hasWorkers)
    {
        _failedStarts++;
        if (_startError is null) _failingSince = _pool.Time.GetTimestamp();
        _startError = error;
        if (isEnding || _pause is not null) return false; // of several that failed together, one begins the pause
        _pauseLength = s_firstPause * (1 << Math.Min(_failuresInARow++, MostDoublings));
        _pausedAt = _pool.Time.GetTimestamp();
        bool isTimed = TryTimePauseLocked();
        bool isOverdue = _pool.Time.GetElapsedTime(_failingSince, _pausedAt) >= s_patience || !isTimed;
        if (isOverdue && !hasWorkers) OpenLocked(error);
        CheckInvariants();
        return true;
    }

    /// <summary>The last worker is gone: what waits is not kept waiting by a pause that began while there were workers.</summary>
    public void EndPauseUnlessOpenLocked()
    {
        if (_refusal is null) EndPauseLocked();
    }

    /// <summary>A worker has come up, or the executor ends.</summary>
    public void ForgetFailuresLocked()
    {
        EndPauseLocked();
        _failuresInARow = 0;
        _startError = null;
        _wasOpen = false;
        CheckInvariants();
    }

    /// <summary>Ends the pause by a timer. False: there is none to be had, such as where no thread can be started for the first timer of a program.
    /// Then nothing may wait for it; the next task looks at the clock.</summary>
    private bool TryTimePauseLocked()
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

    private void OpenLocked(Exception error)
    {
        _wasOpen = true;
        int failures = _failuresInARow;
        var failing = _pool.Time.GetElapsedTime(_failingSince, _pausedAt);
        var pause = _pauseLength;
        Volatile.Write(ref _refusal, () => CannotStart(error, failures, failing, pause));
    }

    private WorkerStartException CannotStart(Exception error, int failures, TimeSpan failing, TimeSpan pause) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"'{_pool.Name}' cannot start workers: {error.Message}\n{failures} starts in a row have failed within {failing.TotalSeconds:0.0} s. Work that is submitted {pause.TotalSeconds:0.0} s after the last of them tries again."),
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
            EndPauseLocked();
        }

        _supervisor.Replace();
    }

    /// <summary>The timer does this too, where there is one.</summary>
    private void EndPauseWhereOver()
    {
        lock (_gate)
        {
            if (_refusal is not null && _pool.Time.GetElapsedTime(_pausedAt) >= _pauseLength) EndPauseLocked();
        }
    }

    private void EndPauseLocked()
    {
        _pause?.Dispose();
        _pause = null;
        Volatile.Write(ref _refusal, null);
        CheckInvariants();
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the breaker");
        Debug.Assert(_pause is null || _startError is not null, "a pause follows a failed start");
        Debug.Assert(_refusal is null || (_wasOpen && _startError is not null), "an open breaker has opened, for an error");
        Debug.Assert(_failuresInARow >= 0 && _failuresInARow <= _failedStarts, "failures in a row are among all failures");
    }

    /// <summary>One pause, and the timer that ends it.</summary>
    private sealed class Pause : IDisposable
    {
        private readonly StartBreaker _breaker;
        private readonly ITimer _timer;

        public Pause(StartBreaker breaker)
        {
            _breaker = breaker;
            _timer = breaker._pool.Time.CreateTimerWithoutFlow(static pause => ((Pause)pause!).Over(), this);
        }

        public void Begin(TimeSpan length) => _timer.Change(length, Timeout.InfiniteTimeSpan);

        public void Dispose() => _timer.Dispose();

        private void Over() => _breaker.PauseOver(this);
    }
}
