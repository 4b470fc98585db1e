namespace Samovar.Cli.Tests.Cluster;

/// <summary>The receiver of a member that only sends.</summary>
internal sealed class SilentReceiver : ClusterReceiver
{
    public override void OnDelivery(ClusterDelivery delivery) => delivery.Return();

    public override void OnReply(ReadOnlyMemory<byte> message)
    {
    }

    public override void OnBroadcast(ReadOnlyMemory<byte> message)
    {
    }

    public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
    {
    }
}
