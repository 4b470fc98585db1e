namespace Samovar.Tasks.Completions;

/// <summary>An <c>await</c> that continues in the synchronization context or task scheduler in which it began.</summary>
internal sealed class ContextCompletion : Completion
{
    private readonly Action _continuation;
    private readonly SynchronizationContext? _context;
    private readonly TaskScheduler? _scheduler;

    private ContextCompletion(Action continuation, SynchronizationContext? context, TaskScheduler? scheduler)
    {
        _continuation = continuation;
        _context = context;
        _scheduler = scheduler;
    }

    /// <summary>Returns the continuation itself if it may run on the thread pool; otherwise a completion bound to the caller's
    /// context.</summary>
    public static object Capture(Action continuation)
    {
        var context = SynchronizationContext.Current;
        if (context is not null && context.GetType() != typeof(SynchronizationContext))
            return new ContextCompletion(continuation, context, null);
        var scheduler = TaskScheduler.Current;
        return scheduler == TaskScheduler.Default ? continuation : new ContextCompletion(continuation, null, scheduler);
    }

    public override void Signal(Future future)
    {
        try
        {
            if (_context is not null) _context.Post(static state => ((Action)state!)(), _continuation);
            else _ = Task.Factory.StartNew(_continuation, CancellationToken.None, TaskCreationOptions.None, _scheduler!);
        }
        catch (Exception error)
        {
            // A context that has shut down accepts no more posts. The waiter must not hang, so it continues on the thread pool, and the
            // error is reported.
            future.Core.Report(FailureSource.CompletionCallback, future.Id, future.Name, error);
            ThreadPool.UnsafeQueueUserWorkItem(static run => run(), _continuation, preferLocal: false);
        }
    }
}
