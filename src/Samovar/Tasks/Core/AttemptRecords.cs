using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>What the <see cref="TaskRecorder"/> of an executor gets of a task, while a watcher is connected.</summary>
internal static class AttemptRecords
{
    private const string Unknown = "(unknown)";

    /// <summary>Records the last attempt of a task. Called by the thread that has claimed the outcome.</summary>
    public static void Completed(Future task, FutureState final, TaskShipping? sent)
    {
        var error = final == FutureState.Failed ? task.OwnError : null;
        var outcome = OutcomeOf(final, error);
        if (!task.Core.Recorder.TakeRoom(outcome)) return;
        var time = task.Core.Time;
        var shipping = sent is null ? null : new RecordedShipping(sent.Time, time.GetElapsedTime(task.FinishedTimestamp, time.GetTimestamp()), sent.Bytes, sent.Largest);
        Record(task, task.Attempt, outcome, task.StartedTimestamp, task.FinishedTimestamp, error, shipping);
        if (error is not null && WorkKeeper.IsOn) task.Core.KeepWork(task, sent?.Bytes ?? 0);
    }

    /// <summary>Records an attempt that failed and will be repeated.</summary>
    public static void Retried(Future task, int attempt, long began, Exception error)
    {
        if (!task.Core.Recorder.TakeRoom(AttemptOutcome.Retried)) return;
        Record(task, attempt, AttemptOutcome.Retried, began, task.Core.Time.GetTimestamp(), error);
    }

    /// <summary>Returns a preview of the arguments of a task; null if it has none, or if no watcher shows them.</summary>
    public static string? ArgumentsOf(Future task) =>
        !ArgumentWatch.IsOn ? null
        : task is IItemWork items ? ArgumentPreview.Of(items)
        : task.MeteredWork is { } work ? ArgumentPreview.Of(work)
        : null;

    private static void Record(Future task, int attempt, AttemptOutcome outcome, long began, long ended, Exception? error, RecordedShipping? shipping = null)
    {
        var core = task.Core;
        var worker = task.Worker;
        long end = core.ToWallClock(ended).UtcTicks;
        core.Recorder.Add(new RecordedAttempt
        {
            Id = task.Id,
            Name = task.Name,
            Function = task.MeteredWork is { } work ? FunctionNames.Shared.Of(work) : Unknown,
            Worker = worker?.Id ?? 0,
            WorkerName = worker?.Name,
            Process = worker?.ProcessId ?? 0,
            Attempt = attempt,
            Outcome = outcome,
            Submitted = core.ToWallClock(task.SubmittedTimestamp).UtcTicks,
            Began = worker is null ? end : core.ToWallClock(began).UtcTicks,
            Ended = end,
            HasLostWorker = error is IWorkerLoss,
            Error = error is null ? null : RecordedError.Of(ErrorTypes.Of(error), error),
            RetryOf = task.Controls?.RetryOf ?? 0,
            Shipping = shipping,
            Arguments = ArgumentsOf(task),
        });
    }

    private static AttemptOutcome OutcomeOf(FutureState final, Exception? error) => final switch
    {
        FutureState.Succeeded => AttemptOutcome.Succeeded,
        FutureState.Canceled => AttemptOutcome.Canceled,
        _ => error switch
        {
            TaskTimeoutException => AttemptOutcome.TimedOut,
            IWorkerLoss => AttemptOutcome.Crashed,
            _ => AttemptOutcome.Failed,
        },
    };
}
