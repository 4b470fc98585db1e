using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <content>Balance between nodes: owners know which of them have idle workers, and ask others to give them work.</content>
internal sealed partial class NodeCore
{
    private readonly IdleNodes _idleNodes;
    private NodeLoad _knownLoad; // gate: what owners know, or need not know
    private long _knownVersion; // gate: of the resources
    private bool _isLoadDue; // gate: a report was made just now

    /// <summary>Reports to owners that this node has idle workers, or has tasks for those of others, or what is in use of its resources, if that is new; at
    /// most every 50 ms.</summary>
    public void NoteLoad()
    {
        var load = ReadLoad();
        long version = Resources.Version;
        lock (_gate)
        {
            if (load == NodeLoad.Balanced) _knownLoad = load; // no owner can do anything about it
            if ((load == _knownLoad && version == _knownVersion) || _isLoadDue || _state != NodeState.Accepting) return;
            _isLoadDue = true;
        }

        _ = ReportLoadAsync();
    }

    /// <summary>Gives tasks to other nodes, which are idle.</summary>
    public void Share(ShareMessage message)
    {
        var (idle, nodes) = _idleNodes.Take(message.Idle);
        if (idle == 0) return;
        _items.Share(idle, nodes);
        lock (_gate) _knownLoad = NodeLoad.Balanced; // the owner counts them as given away: it must know what is left
        NoteLoad();
    }

    private NodeLoad ReadLoad() => _items.Held > 0 ? NodeLoad.Holding : _items.Running < _options.Workers ? NodeLoad.Idle : NodeLoad.Balanced;

    private async Task ReportLoadAsync()
    {
        await BroadcastBeaconAsync().ConfigureAwait(false);
        await Task.Delay(IdleNodes.ReportInterval, Time).ConfigureAwait(false);
        lock (_gate) _isLoadDue = false;
        NoteLoad(); // what has changed meanwhile
    }

    /// <summary>Publishes attempts again, so that other nodes get them.</summary>
    /// <param name="items">The attempts, which this node does not start.</param>
    /// <param name="parts">Into how many messages the attempts of one message are divided.</param>
    private async Task ForwardAsync(List<NodeItem> items, int parts)
    {
        foreach (var group in items.GroupBy(static item => (item.Message, item.Priority)))
        {
            foreach (var part in group.Chunk((group.Count() + parts - 1) / parts))
            {
                var message = group.Key.Message with { Tasks = [.. part.Select(static item => item.Entry)] };
                await Monitor.PublishAsync(Connection, group.Key.Priority, _seal.Seal(MessageKind.Tasks, message.Write().Written.Span), part, static item => item.Entry.Trace).ConfigureAwait(false);
                foreach (var item in part) _items.Forwarded(item); // after that: the message is stored
            }
        }
    }
}
