using Samovar.Tasks.Core;

namespace Samovar;

/// <content>How workers run a task. A worker calls <see cref="TryStart"/>, then <see cref="Begin"/>, then, if that returned a task to wait
/// for, <see cref="End"/>.</content>
public abstract partial class Future
{
    /// <summary>Queued or Sent → Running. Returns false if the task was cancelled or another worker runs it; the caller then has nothing to
    /// do.</summary>
    /// <param name="worker">The worker that runs the task.</param>
    /// <param name="now">The current timestamp, from a worker that has just read the clock; 0 to read it here.</param>
    /// <param name="attempt">The attempt that starts.</param>
    internal bool TryStart(WorkerIdentity worker, long now, out int attempt)
    {
        if (!_word.TryStart(out attempt)) return false;
        Started(worker, now != 0 ? now : _core.Time.GetTimestamp(), attempt, hasEnded: false);
        return true;
    }

    /// <summary>Sent → Running: an attempt was found to have started in another process. Returns false if that was already known, or if
    /// another attempt is the one that was sent.</summary>
    /// <param name="worker">The worker that runs the task.</param>
    /// <param name="attempt">The attempt that was sent to it.</param>
    /// <param name="began">The timestamp of the start, by the executor's clock.</param>
    /// <param name="hasEnded">Whether the attempt is known to have completed already, so that no timeout is armed.</param>
    internal bool TryStartSent(WorkerIdentity worker, int attempt, long began, bool hasEnded)
    {
        if (!_word.TryStartSent(attempt)) return false;
        Started(worker, began, attempt, hasEnded);
        OnStartedRemotely();
        return true;
    }

    /// <summary>Records the exact start of an attempt that <see cref="TryStartSent"/> recorded early; not at the same time as its completion.</summary>
    internal void NoteExactStart(WorkerIdentity worker, int attempt, long began, bool hasEnded)
    {
        if (_word.IsRunning(attempt)) Started(worker, began, attempt, hasEnded);
    }

    /// <summary>Called when the task was found to have started in another process. Must be quick and not throw.</summary>
    private protected virtual void OnStartedRemotely() { }

    /// <summary>Runs the synchronous part of the work and records its completion. If it returns a task, the work continues, and the caller
    /// must call <see cref="End"/> when that task has completed.</summary>
    internal Task? Begin(int attempt)
    {
        try
        {
            return Invoke(attempt);
        }
        catch (Exception error)
        {
            // User code threw: the future gets the error and passes it on to its waiters.
            EndWithError(attempt, error);
            return null;
        }
    }

    /// <summary>Records the completion of work that continued after <see cref="Begin"/>.</summary>
    /// <param name="attempt">The attempt that completed.</param>
    /// <param name="work">The completed task that <see cref="Begin"/> returned.</param>
    internal void End(int attempt, Task work)
    {
        if (work.IsCompletedSuccessfully) Collect(attempt, work);
        else EndWithError(attempt, TaskErrors.Of(work));
    }

    /// <summary>Queued → Sent: passed to a worker in another process. Returns false if the task was cancelled in the meantime.</summary>
    internal bool TrySend() => _word.TrySend();

    /// <summary>Sent → Queued: taken back before that worker started it. Returns false if the worker was found to run it.</summary>
    internal bool TryTakeBack() => _word.TryTakeBack();

    /// <summary>Returns the work as a delegate that can be sent to another process.</summary>
    internal abstract ShippableWork GetShippable();

    /// <summary>Completes an attempt that ran in another process with its result.</summary>
    internal abstract void Complete(int attempt, ResultSource result);

    /// <summary>Whether the work is a batch of items, each of which has an outcome of its own.</summary>
    internal virtual bool HasItems => false;

    /// <summary>Returns the index of an item of the batch in the map's source. Valid only if <see cref="HasItems"/> is true.</summary>
    internal virtual long IndexOf(int place) => throw new InvalidOperationException($"Task {Id} is not a batch of items.");

    /// <summary>Completes a batch whose worker died: the results of completed items are kept, the running item gets the error, and items
    /// that had not started continue on another worker. Returns false if the batch must fail like every other task whose worker
    /// died.</summary>
    /// <param name="attempt">The attempt that ran on the worker.</param>
    /// <param name="result">The results of the items so far.</param>
    /// <param name="begun">The number of items that had started.</param>
    /// <param name="error">The error that describes the death of the worker.</param>
    internal virtual bool EndAfterDeath(int attempt, ResultSource result, int begun, Exception error) => false;

    /// <summary>Whether this attempt's outcome is still undecided.</summary>
    internal bool IsRunning(int attempt) => _word.IsRunning(attempt);

    /// <summary>Runs the work. Records the result itself and returns null, or returns the task that will produce it.</summary>
    private protected abstract Task? Invoke(int attempt);

    /// <summary>Records the result of a task that <see cref="Invoke"/> returned and that has succeeded.</summary>
    private protected abstract void Collect(int attempt, Task work);

    /// <summary>Drops the references to the work and everything it captured.</summary>
    private protected abstract void ReleaseWork();

    /// <summary>Returns the token of the running attempt. Its source is created on first use.</summary>
    internal virtual CancellationToken GetToken() => EnsureControls().TokenFor(this, _word.Attempt);

    /// <summary>Whether this attempt was requested to stop: by a cancellation, or by its own timeout.</summary>
    internal bool WasAskedToStop(int attempt) => _word.IsStopRequested(attempt);

    internal virtual void ReportProgress(TaskProgress progress)
    {
        KeepProgress(progress);
        TellProgress(progress);
    }

    internal void KeepProgress(TaskProgress progress) => EnsureControls().LastProgress = progress;

    internal void KeepOutput(string? output) => Volatile.Write(ref EnsureControls().Output, output);

    internal void TellProgress(TaskProgress progress) => _options.TellProgress(this, progress);

    /// <summary>Records the start. The timeout counts from there: if the start is noticed late, as in another process, less of the timeout
    /// is left.</summary>
    private void Started(WorkerIdentity worker, long began, int attempt, bool hasEnded)
    {
        Volatile.Write(ref _startedAt, began);
        if (!hasEnded && _options.Timeout is { } timeout)
        {
            var left = timeout - _core.Time.GetElapsedTime(began);
            EnsureControls().Arm(this, left > TimeSpan.Zero ? left : TimeSpan.Zero, static (future, attempt) => future.TimeoutStruck(attempt), attempt);
        }

        // A later attempt needs the context again. Whether there is one depends on the policy only.
        if (_options.Retry is not null && _contextOrWorker.Context is { } context) EnsureControls().KeepContext(this, context);
        _contextOrWorker.Worker = worker; // last: once a task has a worker, its timer is armed
    }

    internal TaskControls EnsureControls() => TaskControls.In(ref _controls);
}
