using System.Collections.Concurrent;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Executors.Scheduling;

/// <summary>The core of an <see cref="InlineExecutor"/>. Every task runs on a caller's thread, so shutdown has no threads to
/// stop.</summary>
internal sealed class InlineScheduler : ExecutorCore
{
    private readonly ConcurrentDictionary<Future, InlineRun> _running = [];
    private readonly ConcurrentDictionary<int, WorkerIdentity> _workers = []; // by calling thread

    public InlineScheduler(InlineExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        RunsOnSubmit = true;
        Meter = CreateMeter(options.MeterFactory, "inline");
        Resources = ResourceLedger.For(this, options.OwnResources);
    }

    /// <summary>One: each submission blocks its submitter until the task has completed.</summary>
    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        // A later attempt is enqueued by the completion of the previous attempt, or by a timer; a task that waits for resources, by the end of another.
        // The caller waits for it.
        if (future.Attempt == 1 && future.Options.RequiredAmounts is null) Run(future, asks: false);
        else if (_running.TryGetValue(future, out var run)) run.AttemptDue();
        else if (future.Attempt == 1) Run(future, asks: false);
    }

    public override void EnqueueOrWait(Future future)
    {
        if (future.Attempt == 1 && future.Options.RequiredAmounts is not null) Run(future, asks: true);
        else base.EnqueueOrWait(future);
    }

    /// <summary>Also refuses amounts that a task on this thread holds: the submission would wait for that task, which waits for the submission.</summary>
    public override void CheckResources(ResourceAmounts amounts)
    {
        base.CheckResources(amounts);
        if (RunningTask.Current is { IsCompleted: false } holder && ReferenceEquals(holder.Core, this)) Resources!.RefuseHolder(amounts, holder);
    }

    public override void Revoked(Future future)
    {
        // The executor keeps no state for a task that has not started.
    }

    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        if (_running.TryGetValue(future, out var run)) run.Runner.Pump?.Nudge();
    }

    public override ExecutorStatistics GetStatistics()
    {
        int incomplete = _running.Count(static run => !run.Key.IsCompleted); // a completed task is removed after its waiters are signalled
        int running = Math.Max(0, incomplete - (Resources?.Waiting ?? 0));
        return CreateStatistics(Parallelism, live: running, idle: 0, running);
    }

    protected override List<Future> TasksUnderWay() => [.. _running.Keys];

    protected override Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        foreach (var worker in _workers.Values) WorkerStates.Dispose(worker, this);
        return Task.CompletedTask;
    }

    /// <param name="future">The task.</param>
    /// <param name="asks">Whether the task requires resources, for which the caller waits first.</param>
    private void Run(Future future, bool asks)
    {
        int thread = Environment.CurrentManagedThreadId;
        var worker = _workers.GetOrAdd(thread, static (thread, name) => new WorkerIdentity(thread, $"{name} on thread {thread}") { ManagedThreadId = thread }, Name);
        var run = new InlineRun(new TaskRunner(worker));
        _running[future] = run;
        bool wasInterrupted = false;
        try
        {
            if (asks) Resources!.Ask(future);
            bool hears = false;
            while (true)
            {
                if (!asks) run.Runner.TryRun(future);
                if (future.IsCompleted) return;

                // The task waits for resources or is between two attempts, or another thread is cancelling it at this moment.
                if (!hears && !future.TryAddCompletion(run)) return;
                (hears, asks) = (true, false);
                run.AwaitAttempt();
            }
        }
        catch (ThreadInterruptedException)
        {
            // No other thread runs the task. It is cancelled, and the interrupt is kept for the next wait of this thread.
            wasInterrupted = true;
            Abandon(future);
        }
        finally
        {
            _running.TryRemove(future, out _);
        }

        GateEntry.Reinterrupt(wasInterrupted);
    }

    /// <summary>Cancels a task whose caller was interrupted. Asynchronous work that still runs is left behind.</summary>
    private void Abandon(Future future)
    {
        int attempt = future.Attempt;
        if (!future.Cancel() || future.IsCompleted) return;
        future.Controls?.Grant?.Abandon();
        if (future.EndAsCanceled(attempt)) LeftBehind(future, attempt);
    }

    /// <summary>A caller that runs a task, and waits for its resources, and between its attempts for the next attempt or for completion.</summary>
    private sealed class InlineRun(TaskRunner runner) : Completion
    {
        private readonly ManualResetEventSlim _due = new();

        public TaskRunner Runner => runner;

        public override void Signal(Future future) => _due.Set();

        public void AttemptDue() => _due.Set();

        public void AwaitAttempt()
        {
            _due.Wait();
            _due.Reset();
        }
    }
}
