namespace Samovar.Cluster.Node;

/// <content>Attempts that require resources. Their owner has sent them to this node alone; one that cannot wait here goes back to it.</content>
internal sealed partial class NodeItems
{
    private void WaitOrRefuseLocked(NodeItem item, List<NodeItem> refused)
    {
        if (_isDraining || !_resources.TryAccept(item))
        {
            item.State = NodeItemState.Forwarding;
            refused.Add(item);
            return;
        }

        item.State = NodeItemState.Waiting;
        item.SentAt = _node.Time.GetTimestamp();
        WaitLocked(item);
    }

    private List<NodeItem> TakeWaitingLocked()
    {
        var waiting = _known.Values.Where(static item => item.State == NodeItemState.Waiting).ToList();
        foreach (var item in waiting)
        {
            _resources.Release(item);
            item.State = NodeItemState.Forwarding;
        }

        return waiting;
    }
}
