using System.Diagnostics;
using Samovar.Diagnostics.Metering;
using Samovar.Processes.Protocol;

namespace Samovar.Cluster.Worker;

/// <summary>The activity that the work of a task of a cluster continues in its worker. Immutable.</summary>
/// <param name="Trace">The <see cref="TaskTrace"/> of the submitter.</param>
/// <param name="Cluster">The name of the cluster.</param>
/// <param name="Node">The name of the node.</param>
internal sealed record ClusterTrace(string Trace, string Cluster, string Node)
{
    /// <summary>Worker: starts an activity for work, and makes it current.</summary>
    public Activity Start(Delegate work)
    {
        var task = TaskContext.Current;
        var span = TaskTrace.Start(Trace, executor: null, "cluster", task?.TaskId ?? 0, task?.Attempt ?? 1, task?.Name, work);
        if (!span.IsAllDataRequested) return span;
        span.SetTag(SamovarTelemetry.ClusterNameKey, Cluster);
        span.SetTag(SamovarTelemetry.ClusterMemberKey, Node);
        span.SetTag("messaging.operation.name", "process");
        span.SetTag("messaging.operation.type", "process");
        span.SetTag("messaging.destination.name", Cluster);
        return span;
    }

    /// <summary>Marks an activity as failed, unless the task was cancelled.</summary>
    public static void Fail(Activity? span, Exception error, CancellationToken token)
    {
        if (span is null || (error is OperationCanceledException && token.IsCancellationRequested)) return;
        TaskSpan.Fail(span, error);
    }

    /// <summary>Ends an activity on the thread of its worker.</summary>
    public static void End(Activity? span)
    {
        if (span is null) return;
        span.Stop();
        Activity.Current = null; // also if the work has stopped it itself
    }
}
