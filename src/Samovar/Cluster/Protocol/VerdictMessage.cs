namespace Samovar.Cluster.Protocol;

/// <summary>The answer of an owner to a claim: which attempts the node must start, and which it must drop because they were cancelled, run elsewhere, or
/// have an outcome.</summary>
/// <param name="Node">The node that the answer is for.</param>
/// <param name="Claim">The <see cref="ClaimMessage.Number"/> of the claim.</param>
/// <param name="Start">The attempts to start.</param>
/// <param name="Drop">The attempts to drop.</param>
internal sealed record VerdictMessage(Guid Node, long Claim, IReadOnlyList<TaskKey> Start, IReadOnlyList<TaskKey> Drop)
{
    public static VerdictMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new VerdictMessage(reader.Id(), reader.Int64(), KeysMessage.ReadKeys(ref reader), KeysMessage.ReadKeys(ref reader));
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(40 + ((Start.Count + Drop.Count) * TaskKey.Size)).Id(Node).Int64(Claim);
        KeysMessage.WriteKeys(writer, Start);
        KeysMessage.WriteKeys(writer, Drop);
        return writer;
    }
}
