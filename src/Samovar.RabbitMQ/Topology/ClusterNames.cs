namespace Samovar.RabbitMQ.Topology;

/// <summary>The names of a cluster's queues and exchange.</summary>
internal sealed class ClusterNames(string cluster)
{
    private readonly string _prefix = $"samovar.{cluster}.";

    /// <summary>The name of the cluster.</summary>
    public string Cluster => cluster;

    /// <summary>The task queues, in the order of <see cref="IndexOf"/>.</summary>
    public string[] TaskQueues { get; } = [$"samovar.{cluster}.tasks.high", $"samovar.{cluster}.tasks", $"samovar.{cluster}.tasks.low"];

    public string DeadLetters => $"{_prefix}dead";

    /// <summary>The exchange of the broadcasts. Its routing keys are those of <see cref="RoutingKeyOf"/>.</summary>
    public string Broadcast => $"{_prefix}broadcast";

    public static string RoutingKeyOf(ClusterAudience audience) => audience switch
    {
        ClusterAudience.Executors => "executors",
        ClusterAudience.Nodes => "nodes",
        ClusterAudience.All => "all",
        _ => throw new ArgumentOutOfRangeException(nameof(audience), audience, "Not an audience."),
    };

    /// <summary>The routing keys of the broadcasts that a member of an audience receives. Each broadcast has one, so none arrives twice.</summary>
    public static IEnumerable<string> RoutingKeysFor(ClusterAudience audience) =>
        ((ClusterAudience[])[ClusterAudience.Executors, ClusterAudience.Nodes, ClusterAudience.All]).Where(other => (other & audience) != ClusterAudience.None).Select(RoutingKeyOf);

    public static int IndexOf(TaskPriority priority) => priority switch
    {
        TaskPriority.High => 0,
        TaskPriority.Normal => 1,
        TaskPriority.Low => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "The value is not a priority."),
    };

    /// <summary>The priority of a task queue; null if the name is not that of one.</summary>
    public TaskPriority? PriorityOf(string? queue) => Array.IndexOf(TaskQueues, queue) is var index and >= 0 ? PriorityOf(index) : null;

    public static TaskPriority PriorityOf(int index) => (TaskPriority)(1 - index);

    public string CreateReplyBox() => $"{ReplyPrefix}{Guid.NewGuid():N}";

    /// <summary>Whether it can be a reply box of this cluster: members cannot send to other queues.</summary>
    public bool IsReplyBox(string address) => address.StartsWith(ReplyPrefix, StringComparison.Ordinal) && address.Length == ReplyPrefix.Length + 32;

    /// <summary>The list of all blobs.</summary>
    public string BlobIndex => $"{_prefix}blobs";

    public string Blob(string key) => $"{_prefix}blob.{key}";

    private string ReplyPrefix => $"{_prefix}reply.";
}
