using System.Buffers;
using Samovar.Serialization;

namespace Samovar.Cluster.Protocol;

/// <summary>The definitions of a writer from the first one on, for a receiver that may have none of them; empty if none are needed.</summary>
internal readonly struct DefinitionBlock
{
    public DefinitionBlock(ShippingWriter writer, int needed)
    {
        Bytes = [];
        if (needed == 0) return;
        var output = new ArrayBufferWriter<byte>(256);
        writer.WriteDefinitions(0, needed, output);
        Bytes = output.WrittenSpan.ToArray();
    }

    public byte[] Bytes { get; }
}
