namespace Samovar.Cluster.Protocol;

/// <summary>Nodes that have idle workers: the receiver gives them a part of the tasks that it has not started.</summary>
/// <param name="Idle">The nodes with the numbers of their idle workers.</param>
internal sealed record ShareMessage(IReadOnlyList<(Guid Node, int Workers)> Idle)
{
    private const int NodeSize = 16 + sizeof(int);

    public static ShareMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var idle = new (Guid, int)[reader.Count(NodeSize)];
        for (int i = 0; i < idle.Length; i++) idle[i] = (reader.Id(), Math.Clamp(reader.Int32(), 0, BeaconMessage.LargestNumber));
        return new ShareMessage(idle);
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(sizeof(int) + (Idle.Count * NodeSize)).Int32(Idle.Count);
        foreach (var (node, workers) in Idle) writer.Id(node).Int32(workers);
        return writer;
    }
}
