using System.Diagnostics;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Processes.Protocol;

namespace Samovar.Cluster.Members;

/// <summary>The activity of one message with tasks on its way to the broker, after OpenTelemetry's conventions for messaging. It is a child of the first
/// task that has an activity, and has links to the others.</summary>
internal static class PublishSpan
{
    /// <summary>Whether anyone listens.</summary>
    public static bool IsOn => Tracing.Source.HasListeners();

    /// <summary>Starts an activity. Returns null if no listener samples it, or no task has an activity.</summary>
    /// <param name="traces">The <see cref="TaskTrace"/> of each task in the message.</param>
    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="broker">The broker.</param>
    /// <param name="length">The length of the message in bytes.</param>
    public static Activity? Start(IEnumerable<string> traces, string cluster, ClusterBroker broker, int length)
    {
        if (!IsOn) return null;
        int tasks = 0;
        List<ActivityContext> origins = [];
        foreach (string trace in traces)
        {
            tasks++;
            if (TaskTrace.ContextOf(trace) is { } origin) origins.Add(origin);
        }

        if (origins.Count == 0) return null;
        var links = origins.Skip(1).Distinct().Where(origin => origin != origins[0]).Select(static origin => new ActivityLink(origin));
        var span = Tracing.Source.StartActivity(ActivityKind.Producer, origins[0], links: links, name: $"send {cluster}");
        if (span is not { IsAllDataRequested: true }) return span;
        span.SetTag("messaging.system", SystemOf(broker));
        span.SetTag("messaging.operation.name", "send");
        span.SetTag("messaging.operation.type", "send");
        span.SetTag("messaging.destination.name", cluster);
        span.SetTag("messaging.batch.message_count", tasks);
        span.SetTag("messaging.message.body.size", length);
        return span;
    }

    /// <summary>Ends the activity.</summary>
    public static void End(Activity span, Exception? error)
    {
        if (error is not null) TaskSpan.Fail(span, error);
        span.Stop();
    }

    /// <summary>Returns the broker's product as the conventions write it, without its version: <c>rabbitmq</c>.</summary>
    private static string SystemOf(ClusterBroker broker) => broker.Product.Split(' ')[0].ToLowerInvariant();
}
