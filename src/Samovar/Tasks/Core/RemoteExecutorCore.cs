using Microsoft.Extensions.Logging;

namespace Samovar.Tasks.Core;

/// <summary>The core of an executor that sends its tasks elsewhere, such as to other processes. A task that it has sent is in
/// <see cref="FutureState.Sent"/> until it is known whether its worker has begun it.</summary>
internal abstract class RemoteExecutorCore(string name, TimeProvider time, TimeSpan cancellationGrace, ILoggerFactory? loggers)
    : ExecutorCore(name, time, cancellationGrace, loggers)
{
    /// <summary>A map begins on this thread; other threads may be the ones that submit its items. May refuse it.</summary>
    public abstract void MapBegins();

    /// <summary>Takes work that many tasks share, so that it need not travel with each of them. Null where nothing of it is worth that. Does not throw: work
    /// that cannot travel is refused when a task uses it.</summary>
    /// <param name="work">What they call.</param>
    /// <param name="refersToIt">Whether their other parts can refer to what the work captured; otherwise they hold the delegate only.</param>
    public abstract ExecutorSharedWork? Share(Delegate work, bool refersToIt);

    /// <summary>Called once for each task on the thread that submits it, before any other code sees it: makes the work what can be sent, and refuses what cannot.</summary>
    public abstract void Prepare(Future future);

    /// <summary>Records that a task in <see cref="FutureState.Sent"/> runs, if its worker has begun it.</summary>
    public abstract void NoteStart(Future future);

    /// <summary>Settles a task in <see cref="FutureState.Sent"/>: takes it back to <see cref="FutureState.Queued"/>, in no queue, if
    /// its worker has not begun it; otherwise records that it runs.</summary>
    public abstract void Recall(Future future);

    /// <summary>The time of a running attempt is over by the clock: takes what has arrived of it, which may have been late to be noticed and not
    /// late, such as after this program was stopped (SIGSTOP).</summary>
    /// <returns>True when the attempt had ended; then it did so in time.</returns>
    public abstract bool HasEndedInTime(Future future);

    /// <summary>When an attempt that has ended now did so: earlier, where it ran elsewhere.</summary>
    public abstract long EndOf(Future future, long now);

    /// <summary>Tries for some microseconds to bring a task in <see cref="FutureState.Sent"/> to its end on this thread, which waits
    /// for it without anything else to do.</summary>
    /// <returns>True when it has ended.</returns>
    public abstract bool TryDrainOnCaller(Future future);

    public sealed override bool TryRunInline(Future future, bool isShort) =>
        !isShort && future.SentState == FutureState.Sent && TryDrainOnCaller(future);

    /// <summary>Cancels what has not begun, also what was sent ahead.</summary>
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
