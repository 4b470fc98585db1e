namespace Samovar.Cli.Cluster;

/// <summary>The cluster that a command works with.</summary>
/// <param name="Transport">The transport to its broker.</param>
/// <param name="Name">The name of the cluster.</param>
/// <param name="Keys">Its keys; null for none.</param>
internal sealed record ClusterTarget(ClusterTransport Transport, string Name, ClusterKeys? Keys)
{
    public override string ToString() => $"cluster '{Name}' at {Transport.Endpoint}"; // without the keys
}
