using Samovar.Cluster.Members;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;

namespace Samovar.Cluster.Node;

/// <content>What an operator sees of the node.</content>
internal sealed partial class NodeCore
{
    public MemberMonitor Monitor { get; }

    public int Running => _items.Running;

    public long RefusedMessages => Monitor.RefusedMessages;

    public ClusterNodeStatistics GetStatistics()
    {
        bool isLeaving;
        lock (_gate) isLeaving = _stop is not null;
        var (starts, error) = _programs.ReadWorkerStarts();
        return new ClusterNodeStatistics
        {
            Node = Name,
            Cluster = _options.Cluster,
            Connection = Monitor.Connection,
            Workers = _options.Workers,
            Running = Running,
            Held = _items.Held,
            Resources = [.. Resources.Capture().Select(static one => one.Statistics)],
            ReceivedMessages = Monitor.ReceivedMessages,
            RefusedMessages = Monitor.RefusedMessages,
            IsLeaving = isLeaving,
            WorkerStarts = starts,
            StartError = error,
        };
    }

    public Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken) => Connection.GetQueueDepthAsync(cancellationToken);

    /// <summary>Returns the activity that a task continues; null for none.</summary>
    public ClusterTrace? TraceOf(TaskEntry entry) => entry.Trace.Length == 0 ? null : new ClusterTrace(entry.Trace, _options.Cluster, Name);

    private async Task<ClusterConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.ConnectAsync(new ClusterMember(_options.Cluster, Name) { Audience = ClusterAudience.Nodes }, _receiver, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Monitor.ConnectFailed(error);
            throw;
        }
    }
}
