using System.Buffers;
using System.Buffers.Binary;
using Samovar.Serialization;

namespace Samovar.Cluster.Worker;

/// <summary>Connects the two ends of a <see cref="ClusterLink"/>.</summary>
internal sealed class ClusterLinkCodec : LiveCodec<ClusterLink>
{
    public override void Export(ClusterLink value, IBufferWriter<byte> output, LiveConnector connector)
    {
        var port = connector.Open(value.Receive);
        value.Attach(port);
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), port.Id);
        output.Advance(sizeof(long));
    }

    public override ClusterLink Import(ReadOnlySpan<byte> payload, LiveConnector connector)
    {
        var link = new ClusterLink();
        link.Attach(connector.Connect(BinaryPrimitives.ReadInt64LittleEndian(payload), link.Receive));
        return link;
    }
}
