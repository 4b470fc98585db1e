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

    // Clusters. The attributes of each are the cluster, the member and its role, besides those that are listed.

    /// <summary>Observable up-down counter: the connections of the members of clusters in this process, by
    /// <see cref="ClusterConnectionStateKey"/>.</summary>
    public const string ClusterConnectionCount = "samovar.cluster.connection.count";

    /// <summary>Counter: the interruptions of connections.</summary>
    public const string ClusterConnectionInterruptions = "samovar.cluster.connection.interruptions";

    /// <summary>Observable up-down counter: the nodes that an executor knows, by <see cref="ClusterNodeStateKey"/>.</summary>
    public const string ClusterNodeCount = "samovar.cluster.node.count";

    /// <summary>Counter: the nodes that an executor counts as lost, because they were silent for too long.</summary>
    public const string ClusterNodeLosses = "samovar.cluster.node.losses";

    /// <summary>Histogram, in seconds: from the moment when a member sends a message with tasks to the broker until the broker has stored it. So its count
    /// is the number of published messages. Attributes: error type, if the broker did not take the message.</summary>
    public const string ClusterPublishDuration = "samovar.cluster.publish.duration";

    /// <summary>Counter: the messages with tasks that a node has received. Attributes: <see cref="ClusterRedeliveredKey"/>.</summary>
    public const string ClusterMessageReceived = "samovar.cluster.message.received";

    /// <summary>Counter: the messages that a member has refused, because they were unsigned, altered, too old, or not from its cluster. Attributes:
    /// <see cref="ReasonKey"/>.</summary>
    public const string ClusterMessageRefused = "samovar.cluster.message.refused";

    /// <summary>Counter: the attempts that nodes have claimed from an executor. Attributes: <see cref="ClusterVerdictKey"/>.</summary>
    public const string ClusterTaskClaims = "samovar.cluster.task.claims";

    /// <summary>Counter: the outcomes that an executor has received and not used, because the attempt has an outcome already, or is not wanted any
    /// more.</summary>
    public const string ClusterTaskDuplicates = "samovar.cluster.task.duplicates";

    // Attributes.

    /// <summary>Attribute: the name of the executor, <see cref="ExecutorOptions.Name"/>. Executors of one name and type in one process are reported as
    /// one.</summary>
    public const string ExecutorNameKey = "samovar.executor.name";

    /// <summary>Attribute: the type of the executor: <c>thread</c>, <c>process</c>, <c>loop</c>, <c>inline</c> or
    /// <c>cluster</c>.</summary>
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
    /// the types <c>process</c> and <c>cluster</c>) or <c>running</c>. Tasks between two attempts are queued.</summary>
    public const string TaskStateKey = "samovar.task.state";

    /// <summary>Attribute: the state of a worker: <c>idle</c> or <c>busy</c>; for worker processes also <c>starting</c> and <c>stopping</c>.</summary>
    public const string WorkerStateKey = "samovar.worker.state";

    /// <summary>Attribute: why a worker process exited: <c>crash</c>, <c>start</c> (it did not get ready), <c>timeout</c> or <c>canceled</c> (it was killed
    /// after the grace period), <c>memory</c>, <c>recycled</c> or <c>unresponsive</c>. Or why a message of a cluster was refused: <c>not_a_message</c>,
    /// <c>other_version</c>, <c>unsigned</c>, <c>unknown_key</c>, <c>forged</c>, <c>too_old</c>, <c>malformed</c> or <c>unexpected</c>.</summary>
    public const string ReasonKey = "samovar.reason";

    /// <summary>Attribute: <c>send</c> for work, <c>receive</c> for results.</summary>
    public const string DirectionKey = "samovar.direction";

    /// <summary>Attribute: the name of the cluster.</summary>
    public const string ClusterNameKey = "samovar.cluster.name";

    /// <summary>Attribute: the name of the member of the cluster: of the executor or of the node.</summary>
    public const string ClusterMemberKey = "samovar.cluster.member";

    /// <summary>Attribute: the role of the member: <c>executor</c> or <c>node</c>.</summary>
    public const string ClusterRoleKey = "samovar.cluster.role";

    /// <summary>Attribute: the state of a connection: <c>connecting</c> (before the first connection), <c>connected</c>, <c>blocked</c> or
    /// <c>interrupted</c>.</summary>
    public const string ClusterConnectionStateKey = "samovar.cluster.connection.state";

    /// <summary>Attribute: the state of a node: <c>accepting</c> or <c>draining</c>.</summary>
    public const string ClusterNodeStateKey = "samovar.cluster.node.state";

    /// <summary>Attribute: whether the broker has delivered the message before: <c>True</c> or <c>False</c>.</summary>
    public const string ClusterRedeliveredKey = "samovar.cluster.redelivered";

    /// <summary>Attribute: what the executor has decided: <c>start</c> or <c>drop</c>.</summary>
    public const string ClusterVerdictKey = "samovar.cluster.verdict";

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
