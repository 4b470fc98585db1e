using System.Diagnostics;
using System.Globalization;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A circuit breaker for starts of workers that fail.</summary>
/// <remarks>
/// <list type="number">
/// <item>A failed start begins a pause, whose length doubles with each consecutive failure. After the pause, one worker at a time is started if
/// there is work for it; queued tasks wait.</item>
/// <item>The breaker opens when starts have failed for <see cref="s_patience"/> and the executor has no worker: all queued tasks fail with the last
/// error, and submitting throws it.</item>
/// <item>The breaker is half open after the next pause: work is accepted again, and the first task starts one worker. If that start fails too, the
/// breaker opens again.</item>
/// <item>A worker that starts closes the breaker. A pause that began while workers existed ends when the last of them is gone.</item>
/// <item>An initializer that throws breaks the executor permanently (<see cref="Break"/>), because it would throw again.</item>
/// </list>
/// Lock rule: the gate guards every field that changes except <see cref="_broken"/>, which any thread sets once. Submitters read that field and
/// <see cref="_refusal"/> without the gate. A member whose name ends in "Locked" is called under the gate, and calls no other class except timers.
/// </remarks>
internal sealed class StartBreaker(ExecutorCore pool, Lock gate)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The largest number of doublings: the pauses grow up to about a minute.</summary>
    private const int MostDoublings = 8;

    /// <summary>How long starts must fail before queued tasks fail too: causes such as a lack of descriptors are often gone by then.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly ExecutorCore _pool = pool;
    private readonly Lock _gate = gate;
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task
    private Pause? _pause; // no worker is started while it is not null
    private int _failuresInARow; // failed starts that began a pause, since the last successful start
    private long _failingSince; // the time of the first of them, by the executor's clock
    private long _failedStarts;
    private Exception? _startError; // the last failure; null while starts succeed
    private bool _wasOpen; // the breaker has opened since the last successful start
    private long _pausedAt; // when the last pause began
    private TimeSpan _pauseLength;
    private Func<Exception>? _refusal; // not null while the breaker is open
    private Func<Exception>? _broken; // set once, by any thread: the executor is broken

    /// <summary>Creates the exception that submitting throws and that queued tasks fail with; null while work is accepted.</summary>
    public Func<Exception>? Refusal => Volatile.Read(ref _broken) ?? Volatile.Read(ref _refusal);

    /// <summary>The error that broke the executor; null while it works.</summary>
    public Exception? BreakingError => Volatile.Read(ref _broken)?.Invoke();

    /// <summary>The last error if starts have failed for so long that a caller that waits for workers need not wait longer; otherwise,
    /// null.</summary>
    public Exception? OverdueErrorLocked =>
        _startError is { } error && _pool.Time.GetElapsedTime(_failingSince) >= s_patience ? CannotStart(error, _failuresInARow, _pool.Time.GetElapsedTime(_failingSince), _pauseLength) : null;

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

    /// <summary>Throws if no work is accepted; accepts work again if the pause has elapsed.</summary>
    public void ThrowIfRefusing()
    {
        if (Volatile.Read(ref _refusal) is not null) EndPauseWhereOver();
        if (Refusal is { } refusal) throw refusal();
    }

    /// <summary>Breaks the executor: all queued and submitted tasks are refused from here on. Only the first call has an effect.</summary>
    public void Break(Func<Exception> error) => Interlocked.CompareExchange(ref _broken, error, null);

    /// <summary>Records that a worker failed to start, and begins a pause.</summary>
    /// <returns>False if no pause was begun: the executor is shutting down, or another failure began one.</returns>
    public bool NoteFailureLocked(Exception error, bool isEnding, bool hasWorkers)
    {
        _failedStarts++;
        if (_startError is null) _failingSince = _pool.Time.GetTimestamp();
        _startError = error;
        if (isEnding || _pause is not null) return false; // if several starts fail together, only the first begins a pause
        _pauseLength = s_firstPause * (1 << Math.Min(_failuresInARow++, MostDoublings));
        _pausedAt = _pool.Time.GetTimestamp();
        bool isTimed = TryTimePauseLocked();
        bool isOverdue = _pool.Time.GetElapsedTime(_failingSince, _pausedAt) >= s_patience || !isTimed;
        if (isOverdue && !hasWorkers) OpenLocked(error);
        CheckInvariants();
        return true;
    }

    /// <summary>Called when the last worker is gone: ends a pause that began while there were workers, so that queued tasks do not wait for
    /// it.</summary>
    public void EndPauseUnlessOpenLocked()
    {
        if (_refusal is null) EndPauseLocked();
    }

    /// <summary>Called when a worker has started, or when the executor is shut down.</summary>
    public void ForgetFailuresLocked()
    {
        EndPauseLocked();
        _failuresInARow = 0;
        _startError = null;
        _wasOpen = false;
        CheckInvariants();
    }

    /// <summary>Starts a timer that ends the pause. Returns false if no timer can be created, for example because no thread can be started for the
    /// first timer of a program. Then nothing may wait for the timer; the next task checks the clock.</summary>
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
            $"'{_pool.Name}' cannot start workers: {error.Message}\n{failures} consecutive starts have failed within {failing.TotalSeconds:0.0} s. Work submitted {pause.TotalSeconds:0.0} s or more after the last failure tries again."),
        error)
    {
        ProcessId = (error as WorkerStartException)?.ProcessId,
        ErrorOutput = (error as WorkerStartException)?.ErrorOutput ?? "",
    };

    private void PauseOver(Pause pause)
    {
        lock (_gate)
        {
            if (pause != _pause) return; // the timer fired late: this pause has already ended, and another may have begun
            EndPauseLocked();
        }

        _supervisor.Replace();
    }

    /// <summary>Ends the pause if it has elapsed; the timer does the same if there is one.</summary>
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
        Debug.Assert(_refusal is null || (_wasOpen && _startError is not null), "an open breaker has recorded that it opened, and why");
        Debug.Assert(_failuresInARow >= 0 && _failuresInARow <= _failedStarts, "consecutive failures are among all failures");
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
