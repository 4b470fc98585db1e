namespace Samovar;

/// <summary>Identifies a connection to a cluster.</summary>
/// <param name="Cluster">The name of the cluster; members with the same name and broker work together. 1 to 64 letters, digits, hyphens or
/// underscores.</param>
/// <param name="Name">The name of the member in the broker's management pages. It need not be unique.</param>
public sealed record ClusterMember(string Cluster, string Name)
{
    private readonly string _cluster = RequireName(Cluster);

    /// <summary>Gets the name of the cluster.</summary>
    /// <exception cref="ArgumentException">The value is not a valid name.</exception>
    public string Cluster
    {
        get => _cluster;
        init => _cluster = RequireName(value);
    }

    /// <summary>Gets whether messages to the member's reply box are kept while its connection is interrupted: for members that others report results
    /// to. If false, a reply box disappears with its connection, and senders notice that. Default: false.</summary>
    public bool KeepsReplies { get; init; }

    /// <summary>Gets whether the member only observes the cluster: it does not create its queues, and cannot connect to a cluster that does not exist.
    /// Default: false.</summary>
    public bool IsObserver { get; init; }

    /// <summary>Gets which broadcasts the member receives: those to one of these audiences. Default: <see cref="ClusterAudience.All"/>.</summary>
    public ClusterAudience Audience { get; init; } = ClusterAudience.All;

    internal static string RequireName(string? cluster)
    {
        if (cluster is { Length: >= 1 and <= 64 } && cluster.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return cluster;
        throw new ArgumentException(
            $"'{cluster}' is not a valid name of a cluster: use 1 to 64 letters (a-z), digits, hyphens or underscores.", nameof(cluster));
    }
}
