namespace Samovar.Tasks.Completions;

/// <summary>Transfers a future's outcome to a <see cref="System.Threading.Tasks.Task"/>.</summary>
/// <remarks>If the executor has an order of its own (an event loop), the task is completed in a separate turn of that loop. Otherwise
/// combinators such as <c>WhenAll</c>, which would await a source that runs its continuations asynchronously, would continue on the thread
/// pool.</remarks>
internal sealed class TaskCompletion<T> : Completion
{
    private readonly TaskCompletionSource<T> _source;
    private readonly SynchronizationContext? _order; // null if the executor has no order of its own

    public TaskCompletion(Future future)
    {
        _order = future.IsCompleted ? null : future.Core.Order;
        _source = new TaskCompletionSource<T>(_order is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
    }

    public Task<T> Task => _source.Task;

    public override void Signal(Future future)
    {
        if (_order is null) Settle(future);
        else _order.Post(static settle => ((Action)settle!)(), new Action(() => Settle(future)));
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
