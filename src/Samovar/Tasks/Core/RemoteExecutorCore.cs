using Microsoft.Extensions.Logging;

namespace Samovar.Tasks.Core;

/// <summary>The core of an executor with remote workers, such as other processes. A task that was sent to a worker stays in the state
/// <see cref="FutureState.Sent"/> until it is known whether the worker has started it.</summary>
internal abstract class RemoteExecutorCore(string name, TimeProvider time, TimeSpan cancellationGrace, ILoggerFactory? loggers)
    : ExecutorCore(name, time, cancellationGrace, loggers)
{
    /// <summary>Whether each item of a map is sent as a task of its own, whose work is the item's, and not as a batch.</summary>
    public virtual bool RunsItemsSingly => false;

    /// <summary>How a future reports that it was sent and has not started: as queued if it waits in a queue that all workers share.</summary>
    public virtual FutureState StateOfSent => FutureState.Sent;

    /// <summary>Refuses to keep results on workers, if this executor cannot.</summary>
    public virtual void CheckKeeps() =>
        throw new NotSupportedException($"The workers of '{Name}' keep no results: they belong to the nodes of a cluster. Return the result from the task, or use a ProcessExecutor inside the task.");

    /// <summary>Returns where the worker of a task keeps the task's result.</summary>
    public virtual KeptPlace PlaceOf(Future task) => throw new NotSupportedException($"The workers of '{Name}' keep no results.");

    /// <summary>Called when a map begins, on the thread that enumerates it; other threads may submit its items. Throws to refuse the
    /// map.</summary>
    public abstract void MapBegins();

    /// <summary>Captures work that many tasks share, so that it is not sent with each of them. Returns null if sharing does not pay. Does
    /// not throw: work that cannot be serialized is refused when a task uses it.</summary>
    /// <param name="work">The delegate that the tasks call.</param>
    /// <param name="refersToIt">Whether other parts of the tasks can refer to what the work captured; otherwise they reference only the
    /// delegate.</param>
    public abstract ExecutorSharedWork? Share(Delegate work, bool refersToIt);

    /// <summary>Converts the work to a form that can be sent, and refuses work that cannot. Called once for each task on the submitting
    /// thread, before any other code sees the task.</summary>
    public abstract void Prepare(Future future);

    /// <summary>Records that a task in the state <see cref="FutureState.Sent"/> is running, if its worker has started it.</summary>
    public abstract void NoteStart(Future future);

    /// <summary>Resolves the state <see cref="FutureState.Sent"/> of a task: takes it back to <see cref="FutureState.Queued"/>, without
    /// queueing it, if its worker has not started it; otherwise records that it is running.</summary>
    public abstract void Recall(Future future);

    /// <summary>Called when the timeout of a running attempt has expired: reads the results that have arrived. A result may have been
    /// received in time and noticed late, for example after this process was stopped (SIGSTOP).</summary>
    /// <returns>true if the attempt had completed; then it completed in time.</returns>
    public abstract bool HasEndedInTime(Future future);

    /// <summary>Returns the completion time of an attempt that is being completed now: earlier than <paramref name="now"/> if it ran in
    /// another process.</summary>
    public abstract long EndOf(Future future, long now);

    /// <summary>Tries for some microseconds to complete a task in the state <see cref="FutureState.Sent"/> on the calling thread, which
    /// waits for it and has nothing else to do.</summary>
    /// <returns>true if the task has completed.</returns>
    public abstract bool TryDrainOnCaller(Future future);

    /// <summary>Kills the worker that runs a task; does nothing if none does.</summary>
    /// <param name="future">The task.</param>
    /// <param name="why">Why, as a clause for its error.</param>
    public abstract void KillTask(Future future, string why);

    public sealed override bool TryRunInline(Future future, bool isShort) =>
        !isShort && future.SentState == FutureState.Sent && TryDrainOnCaller(future);

    /// <summary>Cancels tasks that have not started, including those that were sent ahead.</summary>
    protected override void CancelUnstarted()
    {
        base.CancelUnstarted();
        foreach (var task in TasksUnderWay()) CancelIfUnstarted(task);
    }

    protected void CancelIfUnstarted(Future task)
    {
        if (task.SentState == FutureState.Sent) Recall(task);
        if (task.SentState == FutureState.Queued) task.Cancel();
    }
}
