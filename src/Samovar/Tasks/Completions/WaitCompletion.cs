namespace Samovar.Tasks.Completions;

/// <summary>One wait for several futures; registered with each of them.</summary>
internal sealed class WaitCompletion : Completion
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WaitFor _until;
    private int _open;

    public WaitCompletion(WaitFor until, int count)
    {
        _until = until;
        _open = count;
        if (count == 0) _over.SetResult();
    }

    public Task Task => _over.Task;

    public bool IsOver => _over.Task.IsCompleted;

    public override void Signal(Future future)
    {
        bool last = Interlocked.Decrement(ref _open) == 0;
        bool enough = _until switch
        {
            WaitFor.FirstCompleted => true,
            WaitFor.FirstFailed => future.State != FutureState.Succeeded,
            _ => false,
        };
        if (last || enough) _over.TrySetResult();
    }
}
