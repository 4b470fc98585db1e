using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <summary>Sends outcomes to their owners: one message at a time to each, with all outcomes so far. Thread-safe.</summary>
internal sealed class NodeOutbox(NodeCore node)
{
    private const int MostResults = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Box> _boxes = new(StringComparer.Ordinal); // gate; an owner without outcomes has no entry

    public void Add(string address, ResultEntry result)
    {
        lock (_gate)
        {
            if (_boxes.TryGetValue(address, out var box))
            {
                box.Waiting.Add(result);
                return;
            }

            _boxes.Add(address, box = new Box());
            box.Waiting.Add(result);
        }

        ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.Outbox.SendAllAsync(run.Address), (Outbox: this, Address: address), preferLocal: false);
    }

    private async Task SendAllAsync(string address)
    {
        while (TakeNext(address) is { } next) await node.SendResultsAsync(address, next).ConfigureAwait(false);
    }

    private List<ResultEntry>? TakeNext(string address)
    {
        lock (_gate)
        {
            if (!_boxes.TryGetValue(address, out var box)) return null;
            if (box.Waiting.Count == 0)
            {
                _boxes.Remove(address);
                return null;
            }

            int size = 0;
            int count = 0;
            while (count < box.Waiting.Count && count < MostResults && (count == 0 || size + box.Waiting[count].Payload.Length <= node.LargestBundle))
                size += box.Waiting[count++].Payload.Length;
            var taken = box.Waiting.GetRange(0, count);
            box.Waiting.RemoveRange(0, count);
            return taken;
        }
    }

    private sealed class Box
    {
        public List<ResultEntry> Waiting { get; } = [];
    }
}
