using System.Threading.Channels;

namespace Samovar.Tests.Cluster;

/// <summary>Keeps what arrives at a connection, for a test that takes it.</summary>
internal sealed class TestReceiver : ClusterReceiver
{
    public Channel<ClusterDelivery> Deliveries { get; } = Channel.CreateUnbounded<ClusterDelivery>();

    public Channel<byte[]> Replies { get; } = Channel.CreateUnbounded<byte[]>();

    public override void OnDelivery(ClusterDelivery delivery) => Deliveries.Writer.TryWrite(delivery);

    public override void OnReply(ReadOnlyMemory<byte> message) => Replies.Writer.TryWrite(message.ToArray());

    public override void OnBroadcast(ReadOnlyMemory<byte> message)
    {
        // No test needs it.
    }

    public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
    {
        // No test needs it.
    }
}
