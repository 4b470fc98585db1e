namespace Samovar.Cluster.Protocol;

/// <summary>Tasks of one owner that travel together.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="Build">The build of the owner's program.</param>
/// <param name="Address">The address of the owner's reply box.</param>
/// <param name="Definitions">The definitions that the bodies need.</param>
/// <param name="Shared">The work that the tasks share.</param>
/// <param name="Tasks">The tasks.</param>
internal sealed record TasksMessage(
    Guid Owner, BuildId Build, string Address, ReadOnlyMemory<byte> Definitions, IReadOnlyList<SharedBody> Shared, IReadOnlyList<TaskEntry> Tasks)
{
    private byte[]? _definitions;

    /// <summary>The definitions as one array, made once for all tasks of the message. Used by one thread at a time.</summary>
    public byte[] DefinitionArray => _definitions ??= Definitions.ToArray();

    public static TasksMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var owner = reader.Id();
        var build = BuildId.Read(reader.Raw(BuildId.Size).Span);
        string address = reader.Address();
        var definitions = reader.Bytes();
        var shared = new SharedBody[reader.Count(SharedBody.LeastSize)];
        for (int i = 0; i < shared.Length; i++) shared[i] = SharedBody.Read(ref reader);
        var tasks = new TaskEntry[reader.Count(TaskEntry.LeastSize)];
        for (int i = 0; i < tasks.Length; i++) tasks[i] = TaskEntry.Read(ref reader);
        if (!reader.IsAtEnd) throw new MessageFormatException("Bytes follow the last task.");
        if (tasks.Length == 0) throw new MessageFormatException("The message has no task.");
        return new TasksMessage(owner, build, address, definitions, shared, tasks);
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(Definitions.Length + Tasks.Sum(static task => task.Body.Length + 64) + 256);
        Span<byte> build = stackalloc byte[BuildId.Size];
        Build.CopyTo(build);
        writer.Id(Owner).Raw(build).Text(Address).Bytes(Definitions.Span).Int32(Shared.Count);
        foreach (var shared in Shared) shared.Write(writer);
        writer.Int32(Tasks.Count);
        foreach (var task in Tasks) task.Write(writer);
        return writer;
    }
}
