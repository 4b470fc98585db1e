namespace Samovar.Cluster.Protocol;

/// <summary>A call of an actor.</summary>
/// <param name="Creation">The task that has created the instance.</param>
/// <param name="Number">The number of the call, which grows with each call of the instance: a node drops a message that it receives again.</param>
/// <param name="Tasks">The call, as a message with one task.</param>
internal sealed record ActorCallMessage(TaskKey Creation, long Number, TasksMessage Tasks)
{
    public static ActorCallMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var creation = TaskKey.Read(ref reader);
        long number = reader.Int64();
        var tasks = TasksMessage.Read(reader.Bytes());
        if (tasks.Tasks.Count != 1) throw new MessageFormatException($"A call of an actor is one task, but the message has {tasks.Tasks.Count}.");
        return new ActorCallMessage(creation, number, tasks);
    }

    public MessageWriter Write()
    {
        var tasks = Tasks.Write();
        var writer = new MessageWriter(tasks.Length + 64);
        Creation.Write(writer);
        return writer.Int64(Number).Bytes(tasks.Written.Span);
    }
}
