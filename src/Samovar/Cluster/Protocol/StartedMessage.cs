namespace Samovar.Cluster.Protocol;

/// <summary>A worker has started an attempt.</summary>
/// <param name="Key">The attempt.</param>
/// <param name="Worker">The number of the worker within its node.</param>
/// <param name="ProcessId">The worker's process on the node's machine.</param>
/// <param name="Delay">How long after the permission of the owner the attempt started.</param>
internal sealed record StartedMessage(TaskKey Key, int Worker, int ProcessId, TimeSpan Delay)
{
    public static StartedMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new StartedMessage(TaskKey.Read(ref reader), reader.Int32(), reader.Int32(), TimeSpan.FromTicks(Math.Max(0, reader.Int64())));
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter();
        Key.Write(writer);
        return writer.Int32(Worker).Int32(ProcessId).Int64(Delay.Ticks);
    }
}
