namespace Samovar;

/// <summary>A user's callback: a work item of the thread pool.</summary>
internal sealed class CallbackCompletion(Action<Future> callback) : Completion
{
    public override void Signal(Future future) => ThreadPool.QueueUserWorkItem(
        static state => state.Self.Run(state.Future), (Self: this, Future: future), preferLocal: false);

    private void Run(Future future)
    {
        try
        {
            callback(future);
        }
        catch (Exception error)
        {
            future.Host.Report(FailureSource.CompletionCallback, future.Id, future.Name, error);
        }
    }
}
