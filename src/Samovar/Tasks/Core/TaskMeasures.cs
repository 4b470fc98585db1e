using System.Diagnostics;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;

namespace Samovar.Tasks.Core;

/// <summary>What listeners of <see cref="SamovarTelemetry"/> and the watchers of the process get of a task, from the times that the task records
/// anyway.</summary>
internal static class TaskMeasures
{
    /// <summary>Makes an activity that was started for a task its own. Called before the task is queued.</summary>
    public static void Take(Future task, Activity span)
    {
        task.EnsureControls().Span = span;
        TaskSpan.Describe(span, task.Core.Name, task.Core.Meter?.Type, task.Id, task.Name);
    }

    /// <summary>Measures a task. Called by the thread that has claimed the outcome, before others see it, so that code that has awaited the task finds it
    /// measured. Costs one read each for the meter, the recorder and the activity if no one listens.</summary>
    /// <param name="task">The task.</param>
    /// <param name="final">The outcome.</param>
    /// <param name="shipping">What it took to serialize the task; null if that is not known.</param>
    public static void Completed(Future task, FutureState final, TaskShipping? shipping)
    {
        if (task.Core.Meter is { IsOn: true } meter) Measure(task, meter, final);
        if (TaskRecorder.IsOn) AttemptRecords.Completed(task, final, shipping);
        if (task.Controls?.Span is { } span) EndSpan(task, span, final, final == FutureState.Failed ? task.OwnError : null);
    }

    /// <summary>Returns what it took to serialize a task, while a watcher is connected; otherwise null.</summary>
    public static TaskShipping? ShippingOf(ExecutorTaskState? state) => TaskRecorder.IsOn ? state?.Shipping : null;

    /// <summary>Ends the activity of a task that was not accepted.</summary>
    public static void Refused(Future task, Activity span, Exception refusal) => EndSpan(task, span, FutureState.Failed, refusal);

    /// <summary>Measures a failed attempt that was moved back to the queue.</summary>
    /// <param name="task">The task.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="began">The timestamp of its start.</param>
    /// <param name="error">Its error.</param>
    public static void Retried(Future task, int attempt, long began, Exception error)
    {
        if (task.Controls?.Span is { } span) TaskSpan.Retry(span, attempt);
        (task as INotesRetries)?.NoteRetry(began);
        var core = task.Core;
        if (TaskRecorder.IsOn) AttemptRecords.Retried(task, attempt, began, error);
        if (core.Meter is not { } meter || !(meter.IsOn || meter.Instruments.TaskRetries.Enabled)) return;
        meter.Retried(task.Id, task.Name, task.MeteredWork, attempt == 1 ? core.Time.GetElapsedTime(task.SubmittedTimestamp, began) : null);
    }

    /// <summary>Counts a completed task.</summary>
    public static void Count(TaskCounters counters, FutureState final)
    {
        if (final == FutureState.Succeeded) counters.CountSuccess();
        else if (final == FutureState.Failed) counters.CountFailure();
        else counters.CountCancellation();
    }

    public static void TimedOut(Future task) => task.Core.Meter?.TimedOut(task.Id, task.Name, task.MeteredWork);

    private static void Measure(Future task, TaskMeter meter, FutureState final)
    {
        bool hasStarted = task.Worker is not null;
        long began = task.StartedTimestamp;
        var time = task.Core.Time;
        var error = final == FutureState.Failed ? task.OwnError : null;
        meter.Completed(
            task.Id, task.Name, task.MeteredWork, hasStarted ? time.GetElapsedTime(began, task.FinishedTimestamp) : TimeSpan.Zero,
            hasStarted && task.Attempt == 1 ? time.GetElapsedTime(task.SubmittedTimestamp, began) : null, OutcomeOf(final, error), error);
    }

    private static void EndSpan(Future task, Activity span, FutureState final, Exception? error)
    {
        try
        {
            TaskSpan.End(span, task.Attempt, OutcomeOf(final, error), error);
        }
        catch (Exception fromListener)
        {
            // The listener belongs to other code; the task completes regardless.
            task.Core.Report(FailureSource.MeterListener, task.Id, task.Name, fromListener);
        }
    }

    private static string OutcomeOf(FutureState final, Exception? error) => final switch
    {
        FutureState.Succeeded => "succeeded",
        FutureState.Canceled => "canceled",
        _ => error is TaskTimeoutException ? "timed_out" : "failed",
    };
}
