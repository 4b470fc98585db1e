using System.Diagnostics;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Metering;

/// <summary>The activity of a task in the process that submits it: from its submission to its completion. A task has one only if the source has a
/// listener and the flow of the execution context is not suppressed.</summary>
internal static class TaskSpan
{
    /// <summary>Whether anyone listens.</summary>
    public static bool IsOn => Tracing.Source.HasListeners();

    /// <summary>Starts an activity for work that is being submitted, and makes it current, so that the work runs under it. Returns null if no listener
    /// samples it. The caller calls <see cref="Leave"/> when the task is submitted.</summary>
    public static Activity? Begin(Delegate work) =>
        ExecutionContext.IsFlowSuppressed() ? null : Tracing.Source.StartActivity(FunctionNames.Shared.Of(work));

    /// <summary>Like <see cref="Begin"/>, and returns the submitter's place too. Reports the error of a listener that throws; the task then runs without an
    /// activity.</summary>
    public static (Activity? Span, ActivityPlace Outer) BeginFor(Delegate work, FailureReporter failures)
    {
        var outer = ActivityPlace.Capture();
        try
        {
            return (Begin(work), outer);
        }
        catch (Exception fromListener)
        {
            // The listener belongs to other code. The activity may have become current before the listener threw.
            outer.Restore();
            failures.Report(FailureSource.MeterListener, 0, null, fromListener);
            return default;
        }
    }

    /// <summary>Makes the submitter's activity current again.</summary>
    /// <param name="span">The activity.</param>
    /// <param name="outer">The submitter's place.</param>
    public static void Leave(Activity span, ActivityPlace outer)
    {
        if (ReferenceEquals(Activity.Current, span)) outer.Restore();
    }

    /// <summary>Adds the attributes of a task.</summary>
    public static void Describe(Activity span, string? executor, string? type, long id, string? name)
    {
        if (!span.IsAllDataRequested) return;
        if (executor is not null) span.SetTag(SamovarTelemetry.ExecutorNameKey, executor);
        if (type is not null) span.SetTag(SamovarTelemetry.ExecutorTypeKey, type);
        span.SetTag(SamovarTelemetry.TaskIdKey, id);
        if (name is not null) span.SetTag(SamovarTelemetry.TaskNameKey, name);
    }

    /// <summary>Ends the activity, on whichever thread completes the task.</summary>
    public static void End(Activity span, int attempt, string outcome, Exception? error)
    {
        if (span.IsAllDataRequested)
        {
            span.SetTag(SamovarTelemetry.TaskAttemptKey, attempt);
            span.SetTag(SamovarTelemetry.OutcomeKey, outcome);
        }

        if (error is not null) Fail(span, error);
        var place = ActivityPlace.Capture();
        span.Stop(); // makes its parent current, which need not be the activity of this thread
        if (!ReferenceEquals(place.Current, span)) place.Restore();
    }

    /// <summary>Marks an activity as failed.</summary>
    public static void Fail(Activity span, Exception error)
    {
        span.SetStatus(ActivityStatusCode.Error, error.Message);
        if (span.IsAllDataRequested) span.SetTag(SamovarTelemetry.ErrorTypeKey, ErrorTypes.Of(error));
    }

    /// <summary>Records that an attempt failed and will be repeated.</summary>
    public static void Retry(Activity span, int attempt)
    {
        if (span.IsAllDataRequested) span.AddEvent(new ActivityEvent("samovar.retry", tags: new() { [SamovarTelemetry.TaskAttemptKey] = attempt }));
    }
}
