using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <content>Attempts whose work is a blob, and results that become one.</content>
internal sealed partial class NodeItems
{
    /// <summary>Called when the blobs of an attempt were fetched, or cannot be.</summary>
    public void Fetched(NodeItem item, byte[]? work, byte[]? shared, Exception? error)
    {
        lock (_gate)
        {
            if (item.Fetch is null) return; // it has left meanwhile
            item.IsFetching = false;
            item.FetchedWork = work;
            item.FetchedShared ??= shared;
            item.FetchError = error;
            if (WaitsLocked(item)) WaitLocked(item);
        }

        Claim();
    }

    /// <summary>Replaces the outcome of an attempt by one that can be sent. Returns false if its owner does not wait for it any more.</summary>
    public bool TryReplace(NodeItem item, ResultEntry result)
    {
        lock (_gate)
        {
            if (item.State != NodeItemState.Reported || !_known.TryGetValue(item.Key, out var current) || current != item) return false;
            item.Result = result;
            return true;
        }
    }

    /// <summary>Adds an attempt to those that wait for a worker, or for their work.</summary>
    private void WaitLocked(NodeItem item)
    {
        if (!_node.Blobs.Has(item)) _fetches.Add(item, _known.Count);
        else if (item.State == NodeItemState.Waiting) _resources.Wait(item);
        else _held.Add(item, _heldCount);
    }

    private bool WaitsLocked(NodeItem item) =>
        item.State is NodeItemState.Held or NodeItemState.Waiting && _known.TryGetValue(item.Key, out var current) && current == item;
}
