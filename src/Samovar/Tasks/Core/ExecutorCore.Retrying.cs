using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Tasks.Core;

/// <content>Runs the work of failed tasks again, when an observer outside this process requests it.</content>
internal abstract partial class ExecutorCore
{
    /// <summary>Admits a task that runs the work of a failed one again, even if a bounded queue is full: the thread of an observer must not wait, and the
    /// work that is kept has a bound of its own.</summary>
    public virtual long AdmitAgain(TaskOptions options) => Admit(options, regardless: true);

    /// <summary>Keeps the work of a task that has failed, before the task drops it.</summary>
    /// <param name="task">The task.</param>
    /// <param name="sentBytes">The size of its serialized work; 0 if it is not known.</param>
    public void KeepWork(Future task, long sentBytes)
    {
        if (RunsOnSubmit || Counters.IsClosed || (task as IRetryable)?.KeepWork() is not { } work) return;
        work.AtLeast(sentBytes);
        Recorder.Works.Keep(task.Id, work);

        // SYNC: work kept or dropped. The work is added, then the closed bit is read; shutdown sets it and then drops the work.
        if (Counters.IsClosed) Recorder.Works.Drop();
    }

    /// <inheritdoc/>
    public sealed override RetryResult Retry(long task)
    {
        if (!Recorder.Works.TryTake(task, out var kept, out long retriedAs)) return RetryResult.Refused(WhyNotKept(task, retriedAs));
        var work = (RetryableWork)kept;
        try
        {
            long id = AdmitAgain(work.Options);
            var future = work.Create(this, id);
            future.EnsureControls().RetryOf = task;
            future.OnCompleted(static done => _ = done.Exception); // observed: the watchers show its error, and no other code has this future
            Accept(future);
            Recorder.Works.Submitted(task, id);
            return new RetryResult(id, null);
        }
        catch (Exception refusal)
        {
            // The executor is shut down or broken, or the work cannot be serialized: the observer gets the sentence.
            Recorder.Works.Refused(task);
            if (!Counters.IsClosed && WorkKeeper.IsOn) Recorder.Works.Keep(task, work);
            return RetryResult.Refused(refusal.Message);
        }
    }

    private string WhyNotKept(long task, long retriedAs) => retriedAs switch
    {
        WorkKeeper.Pending => $"Task {task} is being retried.",
        > 0 => $"Task {task} was retried already, as task {retriedAs}.",
        _ when Counters.IsClosed => $"Executor '{Name}' has been shut down and accepts no more work.",
        _ when RunsOnSubmit => $"Executor '{Name}' runs work on the thread that submits it, so that a watcher cannot retry it.",
        _ => $"The work of task {task} is not kept. The work of the newest {WorkKeeper.Most} failures of an executor is kept, up to {WorkKeeper.MostBytes >> 20} MiB together, while a watcher with commands is connected.",
    };
}
