using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>The executor as its tasks see it from inside a worker: its name, and whom to tell of stray errors.</summary>
internal sealed class WorkerCore : ExecutorCore
{
    /// <param name="name">The executor's.</param>
    /// <param name="owner">The executor itself, where the worker is a thread of its process; null in a process of the worker's own.</param>
    public WorkerCore(string name, ExecutorCore? owner)
        : base(name, TimeProvider.System, TimeSpan.Zero, loggers: null) => Owner = owner;

    public override int Parallelism => 1;

    /// <summary>Never: attempts are the executor's, a task runs here once.</summary>
    public override void Enqueue(Future future) =>
        throw new InvalidOperationException($"A worker of '{Name}' was asked to queue task {future.Id}; its executor does that.");

    public override void Revoked(Future future)
    {
        // Nothing is kept here of a task that has not started.
    }

    /// <summary>The executor waits out the grace, and ends this process.</summary>
    public override void StopRequested(Future future, int attempt, StopReason reason)
    {
        // The token has tripped; there is nothing more to be done from inside.
    }

    public override ExecutorStatistics GetStatistics() => CreateStatistics(workers: 1, live: 1, idle: 0, running: 1);
}
