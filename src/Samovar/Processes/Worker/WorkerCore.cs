using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>The executor as tasks see it inside a worker: its name, and the destination for unobserved errors.</summary>
internal sealed class WorkerCore : ExecutorCore
{
    /// <param name="name">The name of the executor.</param>
    /// <param name="owner">The executor itself, if the worker is a thread of its process; null in a worker process.</param>
    public WorkerCore(string name, ExecutorCore? owner)
        : base(name, TimeProvider.System, TimeSpan.Zero, loggers: null) => Owner = owner;

    public override int Parallelism => 1;

    /// <summary>Always throws: the executor schedules attempts; a task runs here once.</summary>
    public override void Enqueue(Future future) =>
        throw new InvalidOperationException($"A worker of '{Name}' cannot queue task {future.Id}: only its executor queues tasks.");

    public override void Revoked(Future future)
    {
        // A worker keeps no state for tasks that have not started.
    }

    /// <summary>Does nothing more: the executor waits for the grace period, and then kills this process.</summary>
    public override void StopRequested(Future future, int attempt, StopReason reason)
    {
        // The token is already cancelled; nothing more can be done inside the worker.
    }

    public override ExecutorStatistics GetStatistics() => CreateStatistics(workers: 1, live: 1, idle: 0, running: 1);
}
