using System.Runtime.ExceptionServices;

namespace Samovar;

/// <content>How a task ends: by its outcome, its timeout, its cancellation; and how an attempt gives way to the next.</content>
public abstract partial class Future
{
    /// <summary>Cancels the task.</summary>
    /// <remarks>Before it has started this is certain: the work never runs. Running work has its token tripped; what follows
    /// depends on the executor. A worker process that goes on past the grace is killed and the future ends
    /// <see cref="FutureState.Canceled"/>. A thread cannot be killed: work that ignores its token runs to its end, and the future
    /// takes its outcome.</remarks>
    /// <returns>True when the task is cancelled or has been asked to give up; false when it had ended before.</returns>
    public bool Cancel()
    {
        var spinner = new SpinWait();
        while (true)
        {
            if (_word.TryClaimUnstarted())
            {
                Finish(FutureState.Canceled);
                if (!_host.DelayOver(this)) _host.Revoked(this);
                return true;
            }

            // What was sent is taken back, or found to run.
            if (_word.State == FutureState.Sent) Sender.Recall(this);

            if (_word.TryRequestCancel())
            {
                int attempt = Attempt;
                TripToken(attempt);
                _host.StopRequested(this, attempt, StopReason.Cancel);
                return true;
            }

            var state = _word.State;
            if (state >= FutureState.Succeeded) return state == FutureState.Canceled;
            if (_word.IsCancelRequested) return true;

            // Somebody is between claiming the outcome and finishing it, or moved the task back to the queue just now.
            spinner.SpinOnce();
        }
    }

    /// <summary>Records that a running attempt was ended by force after cancellation was asked for.</summary>
    internal bool EndAsCanceled(int attempt)
    {
        if (!_word.TryClaim(attempt)) return false;
        Finish(FutureState.Canceled);
        return true;
    }

    /// <summary>Fails a task that has not started and never will.</summary>
    internal bool FailUnstarted(Exception error)
    {
        if (!_word.TryClaimUnstarted()) return false;
        SetFailure(error);
        Finish(FutureState.Failed);
        return true;
    }

    /// <summary>Ends or repeats an attempt that did not succeed. False: its outcome had been decided before; this one is dropped.</summary>
    internal bool EndWithError(int attempt, Exception error)
    {
        if (!_word.IsRunning(attempt)) return false;
        if (_word.IsTimeoutRequested) error = TimedOut(attempt, error);
        else if (error is OperationCanceledException && _word.IsCancelRequested) return EndAsCanceled(attempt);

        if (TryRetry(attempt, ref error)) return true;
        if (!_word.TryClaim(attempt)) return false;
        SetFailure(error);
        Finish(FutureState.Failed);
        return true;
    }

    /// <summary>After the grace, fails a timed-out attempt whose work still goes on, and lets that go on unheard.</summary>
    internal void AbandonAfterGrace(int attempt) =>
        ArmTimer(_host.CancellationGrace, static (future, attempt) =>
        {
            if (future.EndWithError(attempt, future.TimedOut(attempt, null))) future._host.LeftBehind(future, attempt);
        }, attempt);

    /// <summary>Cancels the task when <see cref="TaskOptions.CancellationToken"/> trips. Called once, before the task is queued.</summary>
    internal void ObeyToken()
    {
        var token = _options.CancellationToken;
        if (!token.CanBeCanceled) return;
        var controls = EnsureControls();
        controls.Register(token.UnsafeRegister(static state => ((Future)state!).Cancel(), this));

        // The token may have tripped, and the task ended, before the registration was there for Finish to see.
        if (IsCompleted) controls.Unregister();
    }

    /// <summary>Takes the outcome of an attempt that succeeded. True: the caller writes the result and calls <see cref="Finish"/>.</summary>
    private protected bool TryClaimSuccess(int attempt)
    {
        if (!_word.IsTimeoutRequested) return _word.TryClaim(attempt);
        EndWithError(attempt, TimedOut(attempt, null));
        return false;
    }

    private protected void Finish(FutureState final)
    {
        var remote = _host.Remote;
        long now = _host.Time.GetTimestamp();
        _finishedAt = remote is null ? now : remote.EndOf(this, now);
        _context = null;
        ReleaseWork();
        if (remote is not null) Interlocked.Exchange(ref _hostItem, HostItem.Released)?.Release(); // SYNC: item kept or released
        if (Volatile.Read(ref _controls) is { } controls)
        {
            controls.Unregister();
            controls.StopTimer(int.MaxValue);
            Volatile.Write(ref controls.Cancellation, null);
        }

        _word.Finish(final);
        CountEnd(final);
        SignalCompletions();
        Volatile.Read(ref _controls)?.Home?.OutsideEnds(); // after those who wait have been told
        if (_host.Counters.IsWatched) _host.CheckDrained();
    }

    private void CountEnd(FutureState final)
    {
        if (final == FutureState.Succeeded) _host.Counters.CountSuccess();
        else if (final == FutureState.Failed) _host.Counters.CountFailure();
        else _host.Counters.CountCancellation();
    }

    private void TimeoutStruck(int attempt)
    {
        if (_host.Remote is { } remote && remote.HasEndedInTime(this)) return;
        if (!_word.TryRequestTimeout(attempt)) return;
        _host.Counters.TimeoutStruck();
        TripToken(attempt);
        _host.StopRequested(this, attempt, StopReason.Timeout);
    }

    private void TripToken(int attempt)
    {
        // SYNC: token against stop. The stop flags are set, then the token is read.
        if (Volatile.Read(ref _controls) is { } controls && Volatile.Read(ref controls.Cancellation) is { } source && source.Attempt == attempt)
            Trip(source);
    }

    private void Trip(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException errors)
        {
            // Callbacks on the token belong to the work; neither the canceller nor a timer can act on their errors.
            _host.Report(FailureSource.CancellationCallback, Id, Name, errors);
        }
    }

    private bool TryRetry(int attempt, ref Exception error)
    {
        if (_options.Retry is not { } policy || _word.IsCancelRequested) return false;
        try
        {
            if (!policy.Allows(attempt, error)) return false;
        }
        catch (Exception fromPolicy)
        {
            error = new AggregateException("The task failed, and its retry policy threw when asked about the error.", error, fromPolicy);
            return false;
        }

        var controls = EnsureControls();
        var delay = policy.DelayAfter(attempt, ref controls.JitterState);
        if (!_word.TryRequeue(attempt)) return false;
        controls.StopTimer(attempt); // only now: another end of this attempt may have won, and its delay must run on
        _host.Counters.Retried();
        if (delay == TimeSpan.Zero)
        {
            _host.Enqueue(this);
            return true;
        }

        _host.Delayed(this);
        ArmTimer(delay, static (future, next) => future.DelayOver(next), attempt + 1);

        // Cancelled since it was moved back, before it could be found among the delayed; or nothing may start any more.
        if (IsCompleted) _host.DelayOver(this);
        else if (_host.IsDiscarding) Cancel();
        return true;
    }

    private void DelayOver(int next)
    {
        // Cancelled or taken by a shutdown meanwhile: then it is in no queue and stays out. A late call of the timer for an earlier attempt starts none.
        if (Attempt == next && _host.DelayOver(this)) _host.Enqueue(this);
    }

    private TaskTimeoutException TimedOut(int attempt, Exception? error) =>
        error as TaskTimeoutException ??
        new(Id, Name, attempt, _options.Timeout ?? TimeSpan.Zero, error is OperationCanceledException ? null : error);

    /// <summary>Whether it has failed and nobody has looked at the error.</summary>
    internal bool IsFailureUnobserved => IsCompleted && Volatile.Read(ref _failure) is FutureFailure { IsObserved: false };

    /// <summary>Whether the task is about to end, or has ended, as failed.</summary>
    private protected bool HasFailure => Volatile.Read(ref _failure) is FutureFailure;

    private void SetFailure(Exception error) => _failure = new FutureFailure(this, error);

    /// <summary>The error to throw, once the task has ended without success. Looking at it counts as observing it.</summary>
    private ExceptionDispatchInfo? Failure
    {
        get
        {
            if (_word.State == FutureState.Succeeded) return null;
            object? failure = Volatile.Read(ref _failure);
            if (failure is FutureFailure failed) return failed.Observe();
            if (failure is null)
            {
                var fresh = ExceptionDispatchInfo.Capture(Canceled());
                failure = Interlocked.CompareExchange(ref _failure, fresh, null) ?? fresh;
            }

            return (ExceptionDispatchInfo)failure;
        }
    }

    private protected OperationCanceledException Canceled()
    {
        var token = _options.CancellationToken.IsCancellationRequested ? _options.CancellationToken : new CancellationToken(canceled: true);
        return new OperationCanceledException($"{(Name is null ? $"Task {Id}" : $"Task {Id} '{Name}'")} was cancelled.", token);
    }
}
