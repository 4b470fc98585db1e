using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <content>Attempts whose work is a blob, and results that become one.</content>
internal sealed partial class NodeItems
{
    private readonly Queue<NodeItem>[] _unfetched = [new(), new(), new()]; // held attempts whose blobs are not here; by priority
    private int _fetches; // places that are taken

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
            if (item.State == NodeItemState.Held) QueueOfLocked(item).Enqueue(item);
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

    private Queue<NodeItem> QueueOfLocked(NodeItem item) => (node.Blobs.Has(item) ? _held : _unfetched)[(int)item.Priority + 1];

    private List<(NodeItem Item, CancellationToken Token)> TakeToFetchLocked()
    {
        List<(NodeItem, CancellationToken)> taken = [];
        while (!_isDraining && _fetches < workers && TakeHeldLocked(_unfetched) is { } item)
        {
            if (node.Blobs.Has(item)) // fetched for another attempt meanwhile
            {
                _held[(int)item.Priority + 1].Enqueue(item);
                continue;
            }

            _fetches++;
            item.Fetch = new CancellationTokenSource();
            item.IsFetching = true;
            taken.Add((item, item.Fetch.Token));
        }

        return taken;
    }

    /// <summary>Returns the place of an attempt among the fetches, and cancels its fetch. Returns false if it has none.</summary>
    private bool ReleaseFetchLocked(NodeItem item)
    {
        if (item.Fetch is not { } fetch) return false;
        item.Fetch = null;
        item.IsFetching = false;
        _fetches--;
        _ = fetch.CancelAsync(); // its callbacks do not run under the gate
        return true;
    }
}
