using System.Runtime.ExceptionServices;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>How a task completes: by its outcome, its timeout or its cancellation; and how a failed attempt is retried.</content>
public abstract partial class Future
{
    /// <summary>Cancels the task.</summary>
    /// <remarks>A task that has not started is certain to be cancelled: its work never runs. If the task is running, its token is
    /// cancelled, and the result depends on the executor. A worker process that continues past the grace period is killed, and the future
    /// completes as <see cref="FutureState.Canceled"/>. A thread cannot be killed: work that ignores its token runs to completion, and the
    /// future takes its outcome.</remarks>
    /// <returns>true if the task is cancelled or cancellation was requested; false if it had already completed otherwise.</returns>
    public bool Cancel()
    {
        var spinner = new SpinWait();
        while (true)
        {
            if (_word.TryClaimUnstarted())
            {
                try
                {
                    if (!_core.DelayOver(this)) _core.Revoked(this); // first: code that awaits this task finds its place in the queue free
                    return true;
                }
                finally
                {
                    Finish(FutureState.Canceled); // also if this thread was interrupted
                }
            }

            if (_word.State == FutureState.Sent) Sender.Recall(this); // it is taken back, or found to be running
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

            // Another thread is between claiming the outcome and finishing it, or has moved the task back to the queue just now.
            spinner.SpinOnce();
        }
    }

    /// <summary>Completes a running attempt as cancelled. Called when it was killed or abandoned after cancellation was requested.</summary>
    internal bool EndAsCanceled(int attempt)
    {
        if (!_word.TryClaim(attempt)) return false;
        Finish(FutureState.Canceled);
        return true;
    }

    /// <summary>Running → Queued with the next attempt. Returns false if the outcome was already decided, or cancellation was requested.</summary>
    internal bool TryRequeue(int attempt) => _word.TryRequeue(attempt);

    /// <summary>Completes a task that has not started and never will. Returns false if it has started or completed.</summary>
    internal bool EndUnstarted(FutureState final, Exception? error = null)
    {
        if (!_word.TryClaimUnstarted()) return false;
        Finish(final, error);
        return true;
    }

    /// <summary>Completes or retries an attempt that did not succeed. Returns false if its outcome was already decided; the error is then
    /// dropped.</summary>
    internal bool EndWithError(int attempt, Exception error)
    {
        if (!_word.IsRunning(attempt)) return false;
        if (_word.IsTimeoutRequested) error = TimedOut(attempt, error);
        else if (error is OperationCanceledException && _word.IsCancelRequested) return EndAsCanceled(attempt);

        bool mayRetry = _options.Retry is { } policy && !_word.IsCancelRequested && policy.Allows(attempt, ref error);
        if (mayRetry && EnsureControls().TryRetry(this, attempt, error)) return true;
        if (!_word.TryClaim(attempt)) return false;
        Finish(FutureState.Failed, error);
        return true;
    }

    /// <summary>Cancels the task when <see cref="TaskOptions.CancellationToken"/> is cancelled. Called once, before the task is
    /// queued.</summary>
    internal void ObeyToken()
    {
        var token = _options.CancellationToken;
        if (!token.CanBeCanceled) return;
        var controls = EnsureControls();
        controls.Register(token.UnsafeRegister(static state => ((Future)state!).Cancel(), this));

        // The token may have been cancelled, and the task completed, before Finish could see the registration.
        if (IsCompleted) controls.Unregister();
    }

    /// <summary>Claims the outcome of an attempt that succeeded. If it returns true, the caller must write the result and call
    /// <see cref="Finish"/>.</summary>
    private protected bool TryClaimSuccess(int attempt)
    {
        if (!_word.IsTimeoutRequested) return _word.TryClaim(attempt);
        EndWithError(attempt, TimedOut(attempt, null));
        return false;
    }

    private protected void Finish(FutureState final, Exception? error = null)
    {
        var remote = _core.Remote;
        _finishedAt = remote is null ? _core.Time.GetTimestamp() : remote.EndOf(this, _core.Time.GetTimestamp());
        var shipping = remote is not null ? TaskMeasures.ShippingOf(_attachment.State) : null;
        if (remote is not null || error is not null) _attachment.Close(error is null ? null : new FutureFailure(this, error));
        TaskMeasures.Completed(this, final, shipping);
        _contextOrWorker.DropContext();
        ReleaseWork();
        Volatile.Read(ref _controls)?.Finish();
        bool isAwaited = _word.Finish(final);
        TaskMeasures.Count(_core.Counters, final);
        if (isAwaited) _completions.SignalAll(this);
        Volatile.Read(ref _controls)?.Finished(); // after the waiters have been signalled
        if (_core.Counters.IsWatched) _core.CompletedWhileWatched(this);
    }

    private void TimeoutStruck(int attempt)
    {
        if (_core.Remote is { } remote && remote.HasEndedInTime(this)) return;
        if (!_word.TryRequestTimeout(attempt)) return;
        _core.Counters.TimeoutStruck();
        TaskMeasures.TimedOut(this);
        TripToken(attempt);
        _core.StopRequested(this, attempt, StopReason.Timeout);
    }

    private void TripToken(int attempt) => Volatile.Read(ref _controls)?.TripToken(this, attempt);

    /// <summary>Creates the error of an attempt that timed out; an <paramref name="error"/> of the work becomes its inner exception.</summary>
    internal TaskTimeoutException TimedOut(int attempt, Exception? error) =>
        error as TaskTimeoutException ??
        new(Id, Name, attempt, _options.Timeout ?? TimeSpan.Zero, error is OperationCanceledException ? null : error);

    /// <summary>Whether the task has failed and its error was never observed.</summary>
    internal bool IsFailureUnobserved => IsCompleted && _attachment.IsUnobserved;

    /// <inheritdoc cref="TaskAttachment.Error"/>
    internal Exception? OwnError => _attachment.Error;

    /// <summary>The error to throw, once the task has completed without success. Reading it marks the error as observed.</summary>
    private ExceptionDispatchInfo? Failure => _word.State == FutureState.Succeeded ? null : _attachment.Observe(this);
}
