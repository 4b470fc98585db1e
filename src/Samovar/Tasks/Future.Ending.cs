using System.Runtime.ExceptionServices;
using Samovar.Tasks.Core;

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
                if (!_core.DelayOver(this)) _core.Revoked(this);
                return true;
            }

            // What was sent is taken back, or found to run.
            if (_word.State == FutureState.Sent) Sender.Recall(this);

            if (_word.TryRequestCancel())
            {
                int attempt = Attempt;
                TripToken(attempt);
                _core.StopRequested(this, attempt, StopReason.Cancel);
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

    /// <summary>Running → Queued with the next attempt. False: its outcome had been decided before, or it was cancelled.</summary>
    internal bool TryRequeue(int attempt) => _word.TryRequeue(attempt);

    /// <summary>Fails a task that has not started and never will.</summary>
    internal bool FailUnstarted(Exception error)
    {
        if (!_word.TryClaimUnstarted()) return false;
        _failure.Set(this, error);
        Finish(FutureState.Failed);
        return true;
    }

    /// <summary>Ends or repeats an attempt that did not succeed. False: its outcome had been decided before; this one is dropped.</summary>
    internal bool EndWithError(int attempt, Exception error)
    {
        if (!_word.IsRunning(attempt)) return false;
        if (_word.IsTimeoutRequested) error = TimedOut(attempt, error);
        else if (error is OperationCanceledException && _word.IsCancelRequested) return EndAsCanceled(attempt);

        bool mayRetry = _options.Retry is { } policy && !_word.IsCancelRequested && policy.Allows(attempt, ref error);
        if (mayRetry && EnsureControls().TryRetry(this, attempt)) return true;
        if (!_word.TryClaim(attempt)) return false;
        _failure.Set(this, error);
        Finish(FutureState.Failed);
        return true;
    }

    /// <summary>After the grace, fails a timed-out attempt whose work still goes on, and lets that go on unheard.</summary>
    internal void AbandonAfterGrace(int attempt) =>
        EnsureControls().Arm(this, _core.CancellationGrace, static (future, attempt) =>
        {
            if (future.EndWithError(attempt, future.TimedOut(attempt, null))) future._core.LeftBehind(future, attempt);
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
        var remote = _core.Remote;
        long now = _core.Time.GetTimestamp();
        _finishedAt = remote is null ? now : remote.EndOf(this, now);
        _context = null;
        ReleaseWork();
        if (remote is not null) _taskState.Release();
        Volatile.Read(ref _controls)?.Finish();
        _word.Finish(final);
        CountEnd(final);
        _completions.SignalAll(this);
        Volatile.Read(ref _controls)?.Tracker?.EndExternal(); // after those who wait have been told
        if (_core.Counters.IsWatched) _core.CheckDrained();
    }

    private void CountEnd(FutureState final)
    {
        if (final == FutureState.Succeeded) _core.Counters.CountSuccess();
        else if (final == FutureState.Failed) _core.Counters.CountFailure();
        else _core.Counters.CountCancellation();
    }

    private void TimeoutStruck(int attempt)
    {
        if (_core.Remote is { } remote && remote.HasEndedInTime(this)) return;
        if (!_word.TryRequestTimeout(attempt)) return;
        _core.Counters.TimeoutStruck();
        TripToken(attempt);
        _core.StopRequested(this, attempt, StopReason.Timeout);
    }

    private void TripToken(int attempt) => Volatile.Read(ref _controls)?.TripToken(this, attempt);

    private TaskTimeoutException TimedOut(int attempt, Exception? error) =>
        error as TaskTimeoutException ??
        new(Id, Name, attempt, _options.Timeout ?? TimeSpan.Zero, error is OperationCanceledException ? null : error);

    /// <summary>Whether it has failed and nobody has looked at the error.</summary>
    internal bool IsFailureUnobserved => IsCompleted && _failure.IsUnobserved;

    /// <inheritdoc cref="FailureSlot.IsSet"/>
    private protected bool HasFailure => _failure.IsSet;

    /// <summary>The error to throw, once the task has ended without success. Looking at it counts as observing it.</summary>
    private ExceptionDispatchInfo? Failure => _word.State == FutureState.Succeeded ? null : _failure.Observe(this);

    /// <summary>A new error for a task that was cancelled.</summary>
    internal OperationCanceledException Canceled()
    {
        var token = _options.CancellationToken.IsCancellationRequested ? _options.CancellationToken : new CancellationToken(canceled: true);
        return new OperationCanceledException($"{(Name is null ? $"Task {Id}" : $"Task {Id} '{Name}'")} was cancelled.", token);
    }
}
