namespace Samovar;

/// <summary>A future's end, handed on to a <see cref="System.Threading.Tasks.Task"/>.</summary>
internal sealed class TaskCompletion<T> : Completion
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    public override void Signal(Future future)
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
