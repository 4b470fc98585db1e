using Samovar.Tasks.Core;

namespace Samovar.Cluster.Protocol;

/// <summary>A task in a <see cref="TasksMessage"/>.</summary>
internal sealed record TaskEntry(TaskKey Key, DelegateKind Kind, ClusterTaskFlags Flags)
{
    /// <summary>The smallest size in bytes.</summary>
    public const int LeastSize = TaskKey.Size + 2 + (5 * sizeof(int));

    /// <summary>The name of the task; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The activity that the task continues; empty for none.</summary>
    public string Trace { get; init; } = "";

    /// <summary>The number of the <see cref="SharedBody"/> that the work continues; 0 for none.</summary>
    public int Shared { get; init; }

    /// <summary>The cultures under which the work runs, as the owner serialized them; empty for those of the worker.</summary>
    public ReadOnlyMemory<byte> Cultures { get; init; }

    /// <summary>The work, as the owner serialized it; empty if it is a blob.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The blob that the work is; null if it is in the message.</summary>
    public BlobReference? Blob { get; init; }

    /// <summary>What the task requires; null for nothing.</summary>
    public TaskRequirements? Requires { get; init; }

    public static TaskEntry Read(ref MessageReader reader)
    {
        var key = TaskKey.Read(ref reader);
        byte kind = reader.Byte();
        if (kind > (byte)DelegateKind.AsynchronousWithToken) throw new MessageFormatException($"Task {key.Id} has kind {kind}, which does not exist.");
        var flags = (ClusterTaskFlags)reader.Byte();
        return new TaskEntry(key, (DelegateKind)kind, flags & ~(ClusterTaskFlags.IsBlob | ClusterTaskFlags.HasRequirements))
        {
            Shared = reader.Int32(),
            Name = reader.Text(),
            Trace = reader.Text(),
            Cultures = reader.Bytes(),
            Body = (flags & ClusterTaskFlags.IsBlob) == ClusterTaskFlags.None ? reader.Bytes() : default,
            Blob = (flags & ClusterTaskFlags.IsBlob) == ClusterTaskFlags.None ? null : BlobReference.Read(ref reader),
            Requires = (flags & ClusterTaskFlags.HasRequirements) == ClusterTaskFlags.None ? null : TaskRequirements.Read(ref reader),
        };
    }

    public void Write(MessageWriter writer)
    {
        Key.Write(writer);
        var flags = Flags;
        if (Blob is not null) flags |= ClusterTaskFlags.IsBlob;
        if (Requires is not null) flags |= ClusterTaskFlags.HasRequirements;
        writer.Byte((byte)Kind).Byte((byte)flags).Int32(Shared).Text(Name).Text(Trace).Bytes(Cultures.Span);
        if (Blob is null) writer.Bytes(Body.Span);
        else Blob.Write(writer);
        Requires?.Write(writer);
    }
}
