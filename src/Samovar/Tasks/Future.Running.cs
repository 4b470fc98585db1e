using Samovar.Tasks.Core;

namespace Samovar;

/// <content>How workers run a task. A worker calls <see cref="TryStart"/>, then <see cref="Begin"/>, then, where that gave it a
/// task to wait for, <see cref="End"/>.</content>
public abstract partial class Future
{
    /// <summary>Queued or Sent → Running. False: it was cancelled or somebody else runs it; there is nothing to do.</summary>
    /// <param name="worker">Who runs it.</param>
    /// <param name="now">The time, for a worker that has just read the clock; 0 to read it here.</param>
    /// <param name="attempt">The attempt that starts.</param>
    internal bool TryStart(WorkerIdentity worker, long now, out int attempt)
    {
        if (!_word.TryStart(out attempt)) return false;
        Started(worker, now != 0 ? now : _core.Time.GetTimestamp(), attempt, hasEnded: false);
        return true;
    }

    /// <summary>Sent → Running: an attempt was found to have begun elsewhere. False: that was known, or it is not the attempt that is
    /// sent.</summary>
    /// <param name="worker">Who runs it.</param>
    /// <param name="attempt">The attempt that was sent there.</param>
    /// <param name="began">When, by the executor's clock.</param>
    /// <param name="hasEnded">Whether it is known to have ended already: then its time is not counted any more.</param>
    internal bool TryStartSent(WorkerIdentity worker, int attempt, long began, bool hasEnded)
    {
        if (!_word.TryStartSent(attempt)) return false;
        Started(worker, began, attempt, hasEnded);
        return true;
    }

    /// <summary>Runs the synchronous part of the work and records its end. Not null: the work goes on, and the caller must call
    /// <see cref="End"/> when the task it is given has completed.</summary>
    internal Task? Begin(int attempt)
    {
        try
        {
            return Invoke(attempt);
        }
        catch (Exception error)
        {
            // User code threw: the future is told, and through it whoever waits.
            EndWithError(attempt, error);
            return null;
        }
    }

    /// <summary>Records the end of work that went on after <see cref="Begin"/>.</summary>
    /// <param name="attempt">The attempt that ended.</param>
    /// <param name="work">The completed task that <see cref="Begin"/> returned.</param>
    internal void End(int attempt, Task work)
    {
        if (work.IsCompletedSuccessfully) Collect(attempt, work);
        else EndWithError(attempt, TaskErrors.Of(work));
    }

    /// <summary>Queued → Sent: handed to a worker elsewhere. False: cancelled meanwhile.</summary>
    internal bool TrySend() => _word.TrySend();

    /// <summary>Sent → Queued: taken back before that worker began. False: it was found to run.</summary>
    internal bool TryTakeBack() => _word.TryTakeBack();

    /// <summary>The work as a delegate that can be sent elsewhere.</summary>
    internal abstract ShippableWork GetShippable();

    /// <summary>Ends an attempt that ran elsewhere with what it brought.</summary>
    internal abstract void Complete(int attempt, ResultSource result);

    /// <summary>Whether the work is a batch of items, of which each has its own end.</summary>
    internal virtual bool HasItems => false;

    /// <summary>The index in the map's source of an item of the batch; only where it <see cref="HasItems"/>.</summary>
    internal virtual long IndexOf(int place) => throw new InvalidOperationException($"Task {Id} is no batch of items.");

    /// <summary>Ends a batch whose worker died: what its items brought before is kept, the item that ran gets the error, and those that had
    /// not begun go on elsewhere. False: it does not end that way, but as every task whose worker died.</summary>
    /// <param name="attempt">The attempt that ran there.</param>
    /// <param name="result">What the items have brought.</param>
    /// <param name="begun">How many items had begun.</param>
    /// <param name="error">What ended the worker.</param>
    internal virtual bool EndAfterDeath(int attempt, ResultSource result, int begun, Exception error) => false;

    /// <summary>Whether this attempt's outcome is still open.</summary>
    internal bool IsRunning(int attempt) => _word.IsRunning(attempt);

    /// <summary>Runs the work: records the result itself and returns null, or returns the task that will bring it.</summary>
    private protected abstract Task? Invoke(int attempt);

    /// <summary>Records the result of a task that <see cref="Invoke"/> returned and that has succeeded.</summary>
    private protected abstract void Collect(int attempt, Task work);

    /// <summary>Drops the work with everything it captured.</summary>
    private protected abstract void ReleaseWork();

    /// <summary>The token of the running attempt; made when somebody first asks.</summary>
    internal virtual CancellationToken GetToken() => EnsureControls().TokenFor(this, _word.Attempt);

    /// <summary>Whether this attempt was asked to give up: by a cancellation, or by a timeout of its own.</summary>
    internal bool WasAskedToStop(int attempt) => _word.IsStopRequested(attempt);

    internal virtual void ReportProgress(TaskProgress progress)
    {
        KeepProgress(progress);
        TellProgress(progress);
    }

    internal void KeepProgress(TaskProgress progress) => EnsureControls().LastProgress = progress;

    internal void KeepOutput(string? output) => Volatile.Write(ref EnsureControls().Output, output);

    internal void TellProgress(TaskProgress progress) => _options.TellProgress(this, progress);

    /// <summary>Records the start. The timeout counts from there: a start that is noticed late, as in another process, leaves less of it.</summary>
    private void Started(WorkerIdentity worker, long began, int attempt, bool hasEnded)
    {
        Volatile.Write(ref _startedAt, began);
        if (!hasEnded && _options.Timeout is { } timeout)
        {
            var left = timeout - _core.Time.GetElapsedTime(began);
            EnsureControls().Arm(this, left > TimeSpan.Zero ? left : TimeSpan.Zero, static (future, attempt) => future.TimeoutStruck(attempt), attempt);
        }

        Volatile.Write(ref _worker, worker); // last: the timer of a task that has a worker is armed
    }

    private TaskControls EnsureControls() => TaskControls.In(ref _controls);
}
