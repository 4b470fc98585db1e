namespace Samovar.Tasks.Completions;

/// <summary>A user's callback: runs as a work item of the thread pool, in the execution context in which it was registered.</summary>
internal sealed class CallbackCompletion(Action<Future> callback) : Completion
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public override void Signal(Future future) => ThreadPool.UnsafeQueueUserWorkItem(
        static state => state.Self.RunInContext(state.Future), (Self: this, Future: future), preferLocal: false);

    private void RunInContext(Future future)
    {
        if (_context is null)
        {
            Run(future);
            return;
        }

        ExecutionContext.Run(
            _context,
            static state =>
            {
                var (self, future) = ((CallbackCompletion, Future))state!;
                self.Run(future);
            },
            (this, future));
    }

    private void Run(Future future)
    {
        try
        {
            callback(future);
        }
        catch (Exception error)
        {
            future.Core.Report(FailureSource.CompletionCallback, future.Id, future.Name, error);
        }
    }
}
