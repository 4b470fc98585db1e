namespace Samovar.Processes.Parent;

/// <summary>The wait of callers until as many workers are ready as may run tasks at the same time. While there is such a wait, workers are started
/// without tasks. Lock rule: the gate guards it.</summary>
internal sealed class WorkersReady
{
    private TaskCompletionSource? _wait; // null if no caller waits

    public bool IsAwaitedLocked => _wait is not null;

    /// <summary>Begins the wait, or joins that of other callers.</summary>
    public Task AwaitLocked()
    {
        _wait ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _wait.Task;
    }

    /// <summary>Completes the wait if enough workers are ready.</summary>
    public void NoteLocked(int ready, int wanted)
    {
        if (_wait is null || ready < wanted) return;
        _wait.TrySetResult();
        _wait = null;
    }

    /// <summary>Fails the wait, if there is one.</summary>
    public void FailLocked(Exception error)
    {
        if (_wait is null) return;
        _wait.TrySetException(error);
        _ = _wait.Task.Exception; // observed, because a caller that was cancelled does not look
        _wait = null;
    }
}
