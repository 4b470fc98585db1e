using System.Runtime.InteropServices;
using Samovar.Ipc;

namespace Samovar.Processes.Protocol;

/// <summary>Reads and writes the record of a task: a <see cref="TaskHeader"/>, the name, the <see cref="TaskTrace"/>, the cultures, the
/// <see cref="SentResources"/>, and the work or the <see cref="SegmentRecord"/> with its location. Only this type knows the order of the parts.</summary>
/// <remarks>The parts are valid only while the caller's data, or the record that was read, is.</remarks>
internal readonly ref struct TaskMessage
{
    /// <summary>The header. Its lengths are those of the parts.</summary>
    public readonly TaskHeader Header;

    /// <summary>Initializes a message that will be written.</summary>
    /// <param name="header">The header; the lengths of the parts are set here.</param>
    /// <param name="name">The name of the task; empty if it has none.</param>
    /// <param name="trace">The activity that the task continues; empty if it continues none.</param>
    /// <param name="cultures">The cultures under which the task runs; empty for the worker's own.</param>
    /// <param name="body">The work, or its location.</param>
    /// <param name="resources">The resources of the task; empty if it has none.</param>
    public TaskMessage(
        scoped in TaskHeader header, ReadOnlySpan<char> name, ReadOnlySpan<char> trace, ReadOnlySpan<byte> cultures, ReadOnlySpan<byte> body, ReadOnlySpan<char> resources = default)
    {
        Header = header with { NameLength = name.Length, TraceLength = (ushort)trace.Length, CulturesLength = cultures.Length, ResourcesLength = resources.Length };
        Name = name;
        Trace = trace;
        Cultures = cultures;
        Resources = resources;
        Body = body;
    }

    private TaskMessage(scoped in TaskHeader header, ReadOnlySpan<byte> rest)
    {
        Header = header;
        int name = header.NameLength * sizeof(char);
        int trace = header.TraceLength * sizeof(char);
        Name = RecordHeaders.TextOf(rest[..name]);
        Trace = RecordHeaders.TextOf(rest.Slice(name, trace));
        Cultures = rest.Slice(name + trace, header.CulturesLength);
        int resources = header.ResourcesLength * sizeof(char);
        Resources = RecordHeaders.TextOf(rest.Slice(name + trace + header.CulturesLength, resources));
        Body = rest[(name + trace + header.CulturesLength + resources)..];
    }

    /// <summary>The name of the task; empty if it has none.</summary>
    public ReadOnlySpan<char> Name { get; }

    /// <summary>See <see cref="TaskTrace"/>; empty for no activity.</summary>
    public ReadOnlySpan<char> Trace { get; }

    /// <summary>See <see cref="SentCultures"/>; empty for the worker's own.</summary>
    public ReadOnlySpan<byte> Cultures { get; }

    /// <summary>See <see cref="SentResources"/>; empty for none.</summary>
    public ReadOnlySpan<char> Resources { get; }

    /// <summary>The work, or a <see cref="SegmentRecord"/> if the flags contain <see cref="TaskFlags.IsElsewhere"/>.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The length of the record in bytes.</summary>
    public int Length => LengthOf(Name.Length, Trace.Length, Cultures.Length, Body.Length, Resources.Length);

    /// <summary>Returns the length in bytes of a record with parts of these lengths; name, trace and resources in characters.</summary>
    public static int LengthOf(int name, int trace, int cultures, int body, int resources = 0) =>
        checked(TaskHeader.Size + ((name + trace + resources) * sizeof(char)) + cultures + body);

    /// <summary>Reads a record. The parts refer to the record.</summary>
    /// <exception cref="ChannelCorruptedException">The record is too short for the lengths in its header.</exception>
    public static TaskMessage Read(ReadOnlySpan<byte> record) =>
        RecordHeaders.TryRead(record, out TaskHeader header, out var rest) && header.FitsInto(rest.Length)
            ? new TaskMessage(header, rest)
            : throw new ChannelCorruptedException($"A task's record of {record.Length} bytes is too short for the lengths in its header.");

    /// <summary>Writes the record.</summary>
    /// <param name="place">The destination, of <see cref="Length"/> bytes.</param>
    public void CopyTo(Span<byte> place)
    {
        RecordHeaders.BytesOf(in Header).CopyTo(place);
        place = place[TaskHeader.Size..];
        var name = MemoryMarshal.AsBytes(Name);
        name.CopyTo(place);
        place = place[name.Length..];
        var trace = MemoryMarshal.AsBytes(Trace);
        trace.CopyTo(place);
        place = place[trace.Length..];
        Cultures.CopyTo(place);
        place = place[Cultures.Length..];
        var resources = MemoryMarshal.AsBytes(Resources);
        resources.CopyTo(place);
        Body.CopyTo(place[resources.Length..]);
    }

    /// <summary>Returns the record in a new array.</summary>
    public byte[] ToArray()
    {
        byte[] record = new byte[Length];
        CopyTo(record);
        return record;
    }
}
