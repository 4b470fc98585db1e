using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Samovar.Cluster.Memory;

namespace Samovar.Tests.Cluster;

/// <summary>What happens when a member sends a message, or stores or opens a blob, and what it has opened.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ConnectionHooks
{
    /// <summary>Called with the member before a message to a reply box is sent, on the thread that sends it.</summary>
    public Action<string> Sending { get; set; } = static _ => { };

    /// <summary>Called with the member and the key before a blob is stored.</summary>
    public Func<string, string, Task> Putting { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Called with the member and the key before a blob is opened.</summary>
    public Func<string, string, Task> Opening { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>The members and the keys of the blobs that they opened.</summary>
    public ConcurrentQueue<(string Member, string Key)> Opened { get; } = new();

    /// <summary>The blobs of a cluster.</summary>
    public static ConcurrentDictionary<string, byte[]> StoredIn(ClusterUnderTest cluster) => ((MemoryConnection)cluster.Transport.Of("owner")).Cluster.Blobs;

    public RecordingTransport CreateTransport(InMemoryFaults? faults = null) => new(faults) { Wrap = (member, inner) => new Connection(this, member, inner) };

    private sealed class Connection(ConnectionHooks hooks, string member, ClusterConnection inner) : ClusterConnection
    {
        public override string Address => inner.Address;

        public override ClusterConnectionState State => inner.State;

        public override ClusterBroker Broker => inner.Broker;

        public override ValueTask PublishAsync(TaskPriority priority, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
            inner.PublishAsync(priority, body, cancellationToken);

        public override ValueTask SetCreditAsync(int credit, CancellationToken cancellationToken = default) => inner.SetCreditAsync(credit, cancellationToken);

        public override ValueTask<bool> SendAsync(string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            hooks.Sending(member);
            return inner.SendAsync(address, body, cancellationToken);
        }

        public override ValueTask BroadcastAsync(ClusterAudience audience, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
            inner.BroadcastAsync(audience, body, cancellationToken);

        public override async Task PutBlobAsync(string key, Stream content, CancellationToken cancellationToken = default)
        {
            await hooks.Putting(member, key).WaitAsync(cancellationToken);
            await inner.PutBlobAsync(key, content, cancellationToken);
        }

        public override async Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken = default)
        {
            hooks.Opened.Enqueue((member, key));
            await hooks.Opening(member, key).WaitAsync(cancellationToken);
            return await inner.OpenBlobAsync(key, cancellationToken);
        }

        public override Task DeleteBlobAsync(string key, CancellationToken cancellationToken = default) => inner.DeleteBlobAsync(key, cancellationToken);

        public override Task<int> ReviewDeadLettersAsync(
            Func<ClusterDeadLetter, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default) =>
            inner.ReviewDeadLettersAsync(decide, most, cancellationToken);

        public override Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default) => inner.GetQueueDepthAsync(cancellationToken);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
