namespace Samovar;

/// <summary>The names of Samovar's telemetry: the meter, its instruments and their attributes, and the activity source.</summary>
/// <remarks>
/// <para>With OpenTelemetry: <c>AddMeter(SamovarTelemetry.MeterName)</c> and <c>AddSource(SamovarTelemetry.ActivitySourceName)</c>. Nothing is measured,
/// and no activity is created, while no one listens.</para>
/// <para>The executor of a task measures it, in the process that submitted it. An executor that a task creates in a worker process measures its own
/// tasks there. A batch of a map counts as one task.</para>
/// <para>A callback of a listener runs on the thread that completes the task, before the task completes: it must return quickly. If it throws, the
/// error is reported to <see cref="Executor.UnobservedFailure"/> as <see cref="FailureSource.MeterListener"/>, and the task is not affected.</para>
/// </remarks>
/// <example>
/// <code>
/// using var listener = new MeterListener
/// {
///     InstrumentPublished = static (instrument, self) =>
///     {
///         if (instrument.Meter.Name == SamovarTelemetry.MeterName &amp;&amp; instrument.Name == SamovarTelemetry.TaskDuration) self.EnableMeasurementEvents(instrument);
///     },
/// };
/// </code>
/// </example>
public static class SamovarTelemetry
{
    // The meter and the source.

    /// <summary>The name of the meter: <c>Samovar</c>.</summary>
    public const string MeterName = "Samovar";

    /// <summary>The name of the activity source: <c>Samovar</c>.</summary>
    public const string ActivitySourceName = "Samovar";

    // Tasks.

    /// <summary>Histogram, in seconds: how long the last attempt of a completed task ran, as <see cref="Future.RunTime"/>; 0 if it never started. So
    /// its count is the number of completed tasks. Attributes: executor, function, outcome, error type.</summary>
    public const string TaskDuration = "samovar.task.duration";

    /// <summary>Histogram, in seconds: the time from the submission of a task to the start of its first attempt. Tasks that never start are not included.
    /// Attributes: executor, function.</summary>
    public const string TaskWaitDuration = "samovar.task.wait.duration";

    /// <summary>Observable up-down counter: the number of incomplete tasks, by <see cref="TaskStateKey"/>. Attributes: executor, state.</summary>
    public const string TaskCount = "samovar.task.count";

    /// <summary>Observable counter: the number of submitted tasks, of executors that are not shut down. Attributes: executor.</summary>
    public const string TaskSubmitted = "samovar.task.submitted";

    /// <summary>Counter: the attempts after the first. Attributes: executor, function.</summary>
    public const string TaskRetries = "samovar.task.retries";

    /// <summary>Counter: the attempts that timed out. Attributes: executor, function.</summary>
    public const string TaskTimeouts = "samovar.task.timeouts";

    // Workers.

    /// <summary>Observable up-down counter: the number of workers, by <see cref="WorkerStateKey"/>. Attributes: executor, state.</summary>
    public const string WorkerCount = "samovar.worker.count";

    /// <summary>Counter: the worker processes that exited while their executor still needed them, by <see cref="ReasonKey"/>. Idle timeouts, resizing and
    /// shutdown do not count. Attributes: executor, reason.</summary>
    public const string WorkerRestarts = "samovar.worker.restarts";

    // Shipping: what travels between an executor and its worker processes.

    /// <summary>Histogram, in bytes: the size of serialized work and of serialized results. Attributes: executor, direction.</summary>
    public const string ShippingSize = "samovar.shipping.size";

    /// <summary>Histogram, in seconds: the time that this process takes to serialize work and to deserialize results. Attributes: executor,
    /// direction.</summary>
    public const string ShippingDuration = "samovar.shipping.duration";

    // Attributes.

    /// <summary>Attribute: the name of the executor, <see cref="ExecutorOptions.Name"/>. Executors of one name and type in one process are reported as
    /// one.</summary>
    public const string ExecutorNameKey = "samovar.executor.name";

    /// <summary>Attribute: the type of the executor: <c>thread</c>, <c>process</c>, <c>loop</c> or <c>inline</c>.</summary>
    public const string ExecutorTypeKey = "samovar.executor.type";

    /// <summary>Attribute: the method of the submitted delegate, such as <c>Kitchen.Brew</c>, or <c>Kitchen.Brew, lambda</c> for a lambda inside it. Once
    /// a process has seen 512 names, all others are <c>other</c>.</summary>
    public const string FunctionKey = "samovar.function";

    /// <summary>Attribute: how the task completed: <c>succeeded</c>, <c>failed</c>, <c>timed_out</c> or <c>canceled</c>.</summary>
    public const string OutcomeKey = "samovar.outcome";

    /// <summary>Attribute: the full name of the type of the error; only if the outcome is <c>failed</c> or <c>timed_out</c>. The name of OpenTelemetry's
    /// conventions.</summary>
    public const string ErrorTypeKey = "error.type";

    /// <summary>Attribute: the state of a task: <c>queued</c>, <c>sent</c> (it was sent ahead to a worker process that still runs another task; only for
    /// the type <c>process</c>) or <c>running</c>. Tasks between two attempts are queued.</summary>
    public const string TaskStateKey = "samovar.task.state";

    /// <summary>Attribute: the state of a worker: <c>idle</c> or <c>busy</c>; for worker processes also <c>starting</c> and <c>stopping</c>.</summary>
    public const string WorkerStateKey = "samovar.worker.state";

    /// <summary>Attribute: why a worker process exited: <c>crash</c>, <c>start</c> (it did not get ready), <c>timeout</c> or <c>canceled</c> (it was killed
    /// after the grace period), <c>memory</c>, <c>recycled</c> or <c>unresponsive</c>.</summary>
    public const string ReasonKey = "samovar.reason";

    /// <summary>Attribute: <c>send</c> for work, <c>receive</c> for results.</summary>
    public const string DirectionKey = "samovar.direction";

    // Attributes of activities only.

    /// <summary>Attribute of activities: the number of the task in its executor.</summary>
    public const string TaskIdKey = "samovar.task.id";

    /// <summary>Attribute of activities: the number of the attempt, from 1.</summary>
    public const string TaskAttemptKey = "samovar.task.attempt";

    /// <summary>Attribute of activities: the task's name, <see cref="TaskOptions.Name"/>, if it has one.</summary>
    public const string TaskNameKey = "samovar.task.name";

    /// <summary>Attribute of activities in worker processes: the number of items of a map's batch.</summary>
    public const string ItemsKey = "samovar.items";
}
