namespace Samovar.Cluster.Protocol;

/// <summary>What a node runs for an owner. Sent every few seconds, so that the owner can repeat what the node has missed, and kill what it does not want
/// any more.</summary>
/// <param name="Address">The address of the node's reply box.</param>
/// <param name="Tasks">The attempts, each with the number of messages of live values that the node has received for it.</param>
internal sealed record RunningMessage(string Address, IReadOnlyList<(TaskKey Key, int LiveReceived)> Tasks)
{
    private const int TaskSize = TaskKey.Size + sizeof(int);

    public static RunningMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        string address = reader.Address();
        var tasks = new (TaskKey, int)[reader.Count(TaskSize)];
        for (int i = 0; i < tasks.Length; i++) tasks[i] = (TaskKey.Read(ref reader), reader.Int32());
        return new RunningMessage(address, tasks);
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(64 + (Tasks.Count * TaskSize)).Text(Address).Int32(Tasks.Count);
        foreach (var (key, received) in Tasks)
        {
            key.Write(writer);
            writer.Int32(received);
        }

        return writer;
    }
}
