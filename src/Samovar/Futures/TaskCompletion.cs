namespace Samovar;

/// <summary>A future's end, handed on to a <see cref="System.Threading.Tasks.Task"/>.</summary>
/// <remarks>Where the host has an order of its own, that is kept: the end is told in a turn of its own. What combines tasks would otherwise go on, from a source that
/// runs its continuations asynchronously, on the thread pool.</remarks>
internal sealed class TaskCompletion<T> : Completion
{
    private readonly TaskCompletionSource<T> _source;
    private readonly bool _isOrdered;

    public TaskCompletion(Future future)
    {
        _isOrdered = future.Host.HasOrder && !future.IsCompleted;
        _source = new TaskCompletionSource<T>(_isOrdered ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public Task<T> Task => _source.Task;

    public override void Signal(Future future)
    {
        if (_isOrdered) future.Host.InOrder(() => Settle(future));
        else Settle(future);
    }

    private void Settle(Future future)
    {
        switch (future.State)
        {
            case FutureState.Succeeded:
                _source.TrySetResult(future is Future<T> typed ? typed.ResultUnchecked : default!);
                break;
            case FutureState.Canceled:
                _source.TrySetCanceled(((OperationCanceledException)future.Exception!).CancellationToken);
                break;
            default:
                _source.TrySetException(future.Exception!);
                break;
        }
    }
}
