using System.Globalization;
using Samovar.Ipc;

namespace Samovar.Dashboard.Tests.Child;

/// <summary>A cluster in memory with a dead letter, and queues and locks that are held.</summary>
internal sealed class Kitchen : IAsyncDisposable
{
    private readonly InMemoryTransport _transport = new();
    private readonly List<IDisposable> _opened = [];
    private readonly AsyncLock _oven = new("oven");
    private ClusterExecutor? _cluster;
    private ClusterConnection? _stranger;

    public async Task<string> RunAsync(string command)
    {
        if (command == "locks")
        {
            OpenLocks();
            return "locked";
        }

        if (command == "refusal") return await RefusedAsync();
        _cluster = ClusterExecutor.InMemory(nodes: 2, options: new() { Name = "orders", Cluster = "kitchen" }, transport: _transport);
        await _cluster.ConnectAsync();
        _stranger = await _transport.ConnectAsync(new ClusterMember("kitchen", "stranger"), new Deaf());
        await _stranger.PublishAsync(TaskPriority.Normal, "no order"u8.ToArray());
        return await RefusedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) opened.Dispose();
        if (_stranger is not null) await _stranger.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    /// <summary>Waits until a node has refused what no node can process.</summary>
    private async Task<string> RefusedAsync()
    {
        while ((await _stranger!.GetQueueDepthAsync()).Dead == 0) await Task.Delay(10);
        return "refused";
    }

    private void OpenLocks()
    {
        var till = new ProcessLock(string.Create(CultureInfo.InvariantCulture, $"till-{Environment.ProcessId}"));
        var dishes = new ProcessQueue<int>(8, string.Create(CultureInfo.InvariantCulture, $"dishes-{Environment.ProcessId}"));
        for (int dish = 0; dish < 3; dish++) dishes.Put(dish);
        _opened.AddRange([till.Enter(), till, dishes]);
        _ = till.EnterAsync().AsTask();
        _opened.Add(_oven.TryEnter()!);
        _ = _oven.EnterAsync().AsTask();
    }

    /// <summary>Receives nothing.</summary>
    private sealed class Deaf : ClusterReceiver
    {
        public override void OnDelivery(ClusterDelivery delivery) => delivery.Return();

        public override void OnReply(ReadOnlyMemory<byte> message)
        {
            // No one sends it anything.
        }

        public override void OnBroadcast(ReadOnlyMemory<byte> message)
        {
            // It listens to no one.
        }

        public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
        {
            // It does not mind.
        }
    }
}
