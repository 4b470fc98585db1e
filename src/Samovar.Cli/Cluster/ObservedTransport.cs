namespace Samovar.Cli.Cluster;

/// <summary>Passes everything on to another transport, and reports what happens to its connections.</summary>
/// <param name="inner">The other transport.</param>
/// <param name="connected">Called with each connection that was opened.</param>
/// <param name="changed">Called when the state of a connection has changed, with the cause.</param>
internal sealed class ObservedTransport(
    ClusterTransport inner, Action<ClusterConnection> connected, Action<ClusterConnectionState, Exception?> changed) : ClusterTransport
{
    public override string Endpoint => inner.Endpoint;

    public override bool IsLocal => inner.IsLocal;

    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        var connection = await inner.ConnectAsync(member, new Observer(receiver, changed), cancellationToken);
        connected(connection);
        return connection;
    }

    private sealed class Observer(ClusterReceiver receiver, Action<ClusterConnectionState, Exception?> changed) : ClusterReceiver
    {
        public override void OnDelivery(ClusterDelivery delivery) => receiver.OnDelivery(delivery);

        public override void OnReply(ReadOnlyMemory<byte> message) => receiver.OnReply(message);

        public override void OnBroadcast(ReadOnlyMemory<byte> message) => receiver.OnBroadcast(message);

        public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
        {
            changed(state, cause);
            receiver.OnStateChanged(state, cause);
        }
    }
}
