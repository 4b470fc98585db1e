using System.Collections.Concurrent;

namespace Samovar;

/// <summary>The inside of an <see cref="InlineExecutor"/>.</summary>
internal sealed class InlineHost(InlineExecutorOptions options, string name)
    : TaskHost(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
{
    private readonly ConcurrentDictionary<Future, InlineRun> _running = [];

    /// <summary>One: what is submitted next waits for its submitter.</summary>
    public override int Parallelism => 1;

    public override bool RunsOnSubmit => true;

    public override void Enqueue(Future future)
    {
        // A further attempt comes from inside the end of the one before, or from a timer; its caller waits for it.
        if (future.Attempt == 1) Run(future);
        else if (_running.TryGetValue(future, out var run)) run.NextAttemptDue();
    }

    public override void Revoked(Future future)
    {
        // Nothing is kept of a task that has not started.
    }

    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        if (_running.TryGetValue(future, out var run)) run.Runner.Pump?.Nudge();
    }

    public override ExecutorStatistics GetStatistics()
    {
        int running = _running.Count;
        return Snapshot(Parallelism, live: running, idle: 0, running);
    }

    /// <remarks>Every task runs on a caller's thread, so there is nothing of the executor's own to end: admissions close, killing
    /// cancels what runs, and all tasks end.</remarks>
    public override async Task ShutdownAsync(ShutdownMode mode, TimeSpan grace)
    {
        Counters.Close();
        if (mode != ShutdownMode.Drain)
        {
            BeginDiscarding();
            foreach (var task in TakeDelayed()) task.Cancel();
        }

        if (mode == ShutdownMode.Kill)
        {
            foreach (var task in _running.Keys) task.Cancel();
            try
            {
                await DrainAsync(CancellationToken.None).WaitAsync(grace, Time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The grace is over; what follows is what it was granted against.
                foreach (var task in _running.Keys)
                {
                    int attempt = task.Attempt;
                    if (task.EndAsCanceled(attempt)) LeftBehind(task, attempt);
                }
            }
        }

        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
    }

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

                // Between two attempts, or somebody is cancelling it just now.
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

    /// <summary>A caller that runs a task, and waits between its attempts for the next or the end.</summary>
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
