using System.Collections.Concurrent;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Executors.Scheduling;

/// <summary>The core of an <see cref="InlineExecutor"/>. Every task runs on a caller's thread, so shutdown has no threads to
/// stop.</summary>
internal sealed class InlineScheduler : ExecutorCore
{
    private readonly ConcurrentDictionary<Future, InlineRun> _running = [];

    public InlineScheduler(InlineExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        RunsOnSubmit = true;
        Meter = CreateMeter(options.MeterFactory, "inline");
    }

    /// <summary>One: each submission blocks its submitter until the task has completed.</summary>
    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        // A later attempt is enqueued by the completion of the previous attempt, or by a timer; the caller waits for it.
        if (future.Attempt == 1) Run(future);
        else if (_running.TryGetValue(future, out var run)) run.NextAttemptDue();
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
        int running = _running.Count;
        return CreateStatistics(Parallelism, live: running, idle: 0, running);
    }

    protected override List<Future> TasksUnderWay() => [.. _running.Keys];

    private void Run(Future future)
    {
        int thread = Environment.CurrentManagedThreadId;
        var run = new InlineRun(new TaskRunner(new WorkerIdentity(thread, $"{Name} on thread {thread}") { ManagedThreadId = thread }));
        _running[future] = run;
        try
        {
            bool hears = false;
            while (true)
            {
                run.Runner.TryRun(future);
                if (future.IsCompleted) return;

                // The task is between two attempts, or another thread is cancelling it at this moment.
                if (!hears && !future.TryAddCompletion(run)) return;
                hears = true;
                run.AwaitNextAttempt();
            }
        }
        finally
        {
            _running.TryRemove(future, out _);
        }
    }

    /// <summary>A caller that runs a task, and waits between its attempts for the next attempt or for completion.</summary>
    private sealed class InlineRun(TaskRunner runner) : Completion
    {
        private readonly ManualResetEventSlim _due = new();

        public TaskRunner Runner => runner;

        public override void Signal(Future future) => _due.Set();

        public void NextAttemptDue() => _due.Set();

        public void AwaitNextAttempt()
        {
            _due.Wait();
            _due.Reset();
        }
    }
}
