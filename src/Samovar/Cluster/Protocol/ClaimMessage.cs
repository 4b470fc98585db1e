namespace Samovar.Cluster.Protocol;

/// <summary>A node can start these attempts now, and requests permission from their owner.</summary>
/// <param name="Number">A number that the node gives each claim. The answer repeats it, so that an old answer permits nothing.</param>
/// <param name="Node">The name of the node.</param>
/// <param name="Address">The address of the node's reply box.</param>
/// <param name="Keys">The attempts.</param>
internal sealed record ClaimMessage(long Number, string Node, string Address, IReadOnlyList<TaskKey> Keys)
{
    public static ClaimMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new ClaimMessage(reader.Int64(), reader.Text(), reader.Address(), KeysMessage.ReadKeys(ref reader));
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(64 + (Keys.Count * TaskKey.Size)).Int64(Number).Text(Node).Text(Address);
        KeysMessage.WriteKeys(writer, Keys);
        return writer;
    }
}
