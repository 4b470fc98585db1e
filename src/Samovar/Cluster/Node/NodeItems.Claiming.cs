using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <content>What the node claims next.</content>
internal sealed partial class NodeItems
{
    private void Claim()
    {
        List<NodeItem> claimed = [];
        List<(NodeItem Item, CancellationToken Token)> fetched;
        lock (_gate)
        {
            fetched = _isDraining ? [] : _fetches.TakeNext();
            int limit = _ahead.Limit;
            int most = limit;
            if (_active >= _workers && (limit - _active < limit / 4 || !_claims.HasRoom)) limit = _active; // each worker has a task: the next ones travel together

            // First: their owners have chosen this node. One for each worker, however many short tasks the workers have already.
            while (!_isDraining && _active < most && _resources.HoldingCount < _workers && _resources.TakeNext() is { } item)
            {
                item.State = NodeItemState.Claimed;
                _active++;
                claimed.Add(item);
                if (_fetches.Release(item)) fetched.AddRange(_fetches.TakeNext());
            }

            while (!_isDraining && _active < limit && _held.Take() is { } item)
            {
                item.State = NodeItemState.Claimed;
                _heldCount--;
                _active++;
                claimed.Add(item);
                if (_fetches.Release(item)) fetched.AddRange(_fetches.TakeNext());
            }
        }

        if (claimed.Exists(static item => item.Grant is not null)) _node.NoteLoad(); // other owners see what is in use
        foreach (var (item, token) in fetched) _node.Blobs.Fetch(item, token);
        SendClaims(claimed);
    }

    private void SendClaims(List<NodeItem> claimed)
    {
        if (claimed.Count == 0) return;
        foreach (var ofOwner in claimed.GroupBy(static item => item.Message.Address, StringComparer.Ordinal))
        {
            List<TaskKey> keys = [];
            long number = Interlocked.Increment(ref _lastClaim);
            lock (_gate)
            {
                foreach (var item in ofOwner.Where(static item => item.State == NodeItemState.Claimed))
                {
                    item.Claim = number;
                    item.SentAt = _node.Time.GetTimestamp();
                    keys.Add(item.Entry.Key);
                }

                if (keys.Count > 0) _claims.Sent(number);
            }

            if (keys.Count > 0) _node.SendClaim(ofOwner.Key, number, keys);
        }
    }
}
