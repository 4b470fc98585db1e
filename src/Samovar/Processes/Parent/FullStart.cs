namespace Samovar.Processes.Parent;

/// <summary>The wait until as many workers are ready as may run tasks at the same time. The executor's gate guards it.</summary>
/// <param name="executor">The executor's name.</param>
internal sealed class FullStart(string executor)
{
    private TaskCompletionSource? _ready;
    private int _waiters;

    /// <summary>Whether a caller waits, so that workers are started without tasks.</summary>
    public bool IsRequestedLocked => _ready is not null;

    /// <summary>Begins the wait, or joins the one that has begun.</summary>
    public Task RequestLocked()
    {
        if (_ready is null)
        {
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters = 0;
        }

        _waiters++;
        return _ready.Task;
    }

    /// <summary>Leaves the wait, which ends with its last caller.</summary>
    public void LeaveLocked(Task ready)
    {
        if (_ready?.Task == ready && --_waiters == 0) _ready = null;
    }

    /// <summary>Completes the wait if enough workers are ready.</summary>
    /// <param name="ready">How many are ready.</param>
    /// <param name="wanted">How many tasks may run at the same time.</param>
    public void NoteReadyLocked(int ready, int wanted)
    {
        if (ready < wanted) return;
        _ready?.TrySetResult();
        _ready = null;
    }

    public void FailLocked(Exception error)
    {
        if (_ready is null) return;
        _ready.TrySetException(error);
        _ = _ready.Task.Exception; // observed, because a caller that was cancelled does not look
        _ready = null;
    }

    /// <summary>Fails the wait because the executor has been shut down.</summary>
    public void FailAtShutdownLocked() =>
        FailLocked(new ObjectDisposedException(executor, $"Executor '{executor}' has been shut down while its workers were started."));
}
