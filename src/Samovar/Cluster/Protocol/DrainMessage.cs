namespace Samovar.Cluster.Protocol;

/// <summary>Requests that a node leaves the cluster.</summary>
/// <param name="Node">The node; another one that receives a copy ignores it.</param>
internal readonly record struct DrainMessage(Guid Node)
{
    public static DrainMessage Read(ReadOnlyMemory<byte> body) => new(new MessageReader(body).Id());

    public MessageWriter Write() => new MessageWriter(16).Id(Node);
}
