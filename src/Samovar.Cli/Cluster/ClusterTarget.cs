namespace Samovar.Cli.Cluster;

/// <summary>The cluster that a command works with.</summary>
/// <param name="Transport">The transport to its broker.</param>
/// <param name="Name">The name of the cluster.</param>
/// <param name="Keys">Its keys; null for none.</param>
internal sealed record ClusterTarget(ClusterTransport Transport, string Name, ClusterKeys? Keys)
{
    public override string ToString() => $"cluster '{Name}' at {Transport.Endpoint}"; // without the keys

    /// <summary>Runs work with a monitor of the cluster.</summary>
    /// <exception cref="UsageException">The broker cannot be reached, refuses the connection, or has no such cluster.</exception>
    public async Task<int> WithMonitorAsync(Func<ClusterMonitor, Task<int>> work, CancellationToken cancellation)
    {
        try
        {
            await using var monitor = await ClusterMonitor.ConnectAsync(Transport, Name, Keys, cancellation);
            return await work(monitor);
        }
        catch (ClusterConnectionException error)
        {
            throw new UsageException(error.Message, ExitCode.NoAnswer);
        }
    }
}
