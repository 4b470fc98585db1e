using System.Diagnostics;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Metering;

/// <summary>Measures the tasks of one executor. Thread-safe.</summary>
/// <remarks>While no one listens, a task costs one read of <see cref="IsOn"/>; nothing is measured and nothing is allocated.</remarks>
/// <param name="instruments">The instruments of the executor's meter.</param>
/// <param name="executor">The executor's name.</param>
/// <param name="type">The executor's type, as an attribute has it.</param>
/// <param name="failures">Where errors of listeners are reported.</param>
/// <param name="recorder">Records for the watchers of the process.</param>
internal sealed class TaskMeter(MeterInstruments instruments, string executor, string type, FailureReporter failures, TaskRecorder recorder)
{
    private const int Sampled = 16;

    [ThreadStatic]
    private static int t_messages;

    private readonly KeyValuePair<string, object?> _name = new(SamovarTelemetry.ExecutorNameKey, executor);
    private readonly KeyValuePair<string, object?> _type = new(SamovarTelemetry.ExecutorTypeKey, type);

    public MeterInstruments Instruments => instruments;

    public string Executor => executor;

    public string Type => type;

    /// <summary>Whether anyone listens to the completions of tasks.</summary>
    public bool IsOn => instruments.TaskDuration.Enabled || instruments.TaskWaitDuration.Enabled;

    /// <summary>Measures a completed task.</summary>
    /// <param name="id">The task's number.</param>
    /// <param name="taskName">The task's name.</param>
    /// <param name="work">The work; null if it is not known any more.</param>
    /// <param name="ran">How long the last attempt ran; zero if it never started.</param>
    /// <param name="waited">How long the task waited for its first attempt; null if it never started, or was measured before.</param>
    /// <param name="outcome">The outcome, as an attribute has it.</param>
    /// <param name="error">The error of a task that failed.</param>
    public void Completed(long id, string? taskName, Delegate? work, TimeSpan ran, TimeSpan? waited, string outcome, Exception? error)
    {
        try
        {
            var tags = TagsOf(work);
            if (waited is { } wait) instruments.TaskWaitDuration.Record(wait.TotalSeconds, in tags);
            tags.Add(SamovarTelemetry.OutcomeKey, outcome);
            if (error is not null) tags.Add(SamovarTelemetry.ErrorTypeKey, ErrorTypes.Of(error));
            instruments.TaskDuration.Record(ran.TotalSeconds, in tags);
        }
        catch (Exception fromListener)
        {
            ReportListener(id, taskName, fromListener);
        }
    }

    /// <summary>Counts an attempt that will be repeated.</summary>
    public void Retried(long id, string? taskName, Delegate? work, TimeSpan? waited)
    {
        try
        {
            var tags = TagsOf(work);
            if (waited is { } wait) instruments.TaskWaitDuration.Record(wait.TotalSeconds, in tags);
            instruments.TaskRetries.Add(1, in tags);
        }
        catch (Exception fromListener)
        {
            ReportListener(id, taskName, fromListener);
        }
    }

    public void TimedOut(long id, string? taskName, Delegate? work)
    {
        if (!instruments.TaskTimeouts.Enabled) return;
        try
        {
            instruments.TaskTimeouts.Add(1, TagsOf(work));
        }
        catch (Exception fromListener)
        {
            ReportListener(id, taskName, fromListener);
        }
    }

    public void WorkerExited(string reason)
    {
        try
        {
            instruments.WorkerRestarts.Add(1, _name, _type, new(SamovarTelemetry.ReasonKey, reason));
        }
        catch (Exception fromListener)
        {
            ReportListener(0, null, fromListener);
        }
    }

    /// <summary>Returns the time from which <see cref="Shipped"/> measures; 0 if this message is not measured. For watchers alone, one of
    /// <see cref="Sampled"/> messages is measured at rates at which their tasks are only counted, and its time is negative.</summary>
    public long BeginShipping() =>
        instruments.ShippingDuration.Enabled ? Stopwatch.GetTimestamp()
        : !TaskRecorder.IsOn ? 0
        : recorder.HasRoom ? Stopwatch.GetTimestamp()
        : ++t_messages % Sampled == 0 ? -Stopwatch.GetTimestamp() : 0;

    /// <summary>Whether the task of a message is likely to be recorded with the time of its shipping.</summary>
    /// <param name="began">What <see cref="BeginShipping"/> returned.</param>
    public bool RecordsShipping(long began) => began > 0 && TaskRecorder.IsOn && recorder.HasRoom;

    /// <summary>Measures how long a message took, if its <see cref="BeginShipping"/> was measured.</summary>
    public void Shipped(ShippingDirection direction, long began)
    {
        if (began == 0) return;
        var took = Stopwatch.GetElapsedTime(Math.Abs(began));
        if (TaskRecorder.IsOn) recorder.Shipped(began < 0 ? took * Sampled : took);
        if (began < 0) return;
        try
        {
            instruments.ShippingDuration.Record(took.TotalSeconds, _name, _type, TagOf(direction));
        }
        catch (Exception fromListener)
        {
            ReportListener(0, null, fromListener);
        }
    }

    /// <summary>Measures the size of a message.</summary>
    public void Weighed(ShippingDirection direction, long bytes)
    {
        if (TaskRecorder.IsOn) recorder.Weighed(bytes);
        if (!instruments.ShippingSize.Enabled) return;
        try
        {
            instruments.ShippingSize.Record(bytes, _name, _type, TagOf(direction));
        }
        catch (Exception fromListener)
        {
            ReportListener(0, null, fromListener);
        }
    }

    private static KeyValuePair<string, object?> TagOf(ShippingDirection direction) =>
        new(SamovarTelemetry.DirectionKey, direction == ShippingDirection.Send ? "send" : "receive");

    private TagList TagsOf(Delegate? work)
    {
        TagList tags = default;
        tags.Add(_name);
        tags.Add(_type);
        if (work is not null) tags.Add(SamovarTelemetry.FunctionKey, FunctionNames.Shared.Of(work));
        return tags;
    }

    private void ReportListener(long id, string? taskName, Exception error) => failures.Report(FailureSource.MeterListener, id, taskName, error);
}
