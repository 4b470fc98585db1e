using System.Runtime.InteropServices;
using Samovar.Ipc;

namespace Samovar.Processes.Protocol;

/// <summary>A task as a record: a <see cref="TaskHeader"/>, the name, the <see cref="TaskTrace"/>, the cultures, and the work or the
/// <see cref="SegmentRecord"/> that says where it is. The one place that knows this order, for who writes it and who reads it.</summary>
/// <remarks>Used at once: the parts are where the caller has them, or in the record that was read.</remarks>
internal readonly ref struct TaskMessage
{
    /// <summary>What the worker is told about the task. The lengths in it are those of the parts.</summary>
    public readonly TaskHeader Header;

    /// <summary>A message to be written.</summary>
    /// <param name="header">All but the lengths of the parts.</param>
    /// <param name="name">The task's name; empty for none.</param>
    /// <param name="trace">The activity that the task continues; empty for none.</param>
    /// <param name="cultures">Those that it runs under; empty for the worker's own.</param>
    /// <param name="body">The work, or where it is.</param>
    public TaskMessage(scoped in TaskHeader header, ReadOnlySpan<char> name, ReadOnlySpan<char> trace, ReadOnlySpan<byte> cultures, ReadOnlySpan<byte> body)
    {
        Header = header with { NameLength = name.Length, TraceLength = (ushort)trace.Length, CulturesLength = cultures.Length };
        Name = name;
        Trace = trace;
        Cultures = cultures;
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
        Body = rest[(name + trace + header.CulturesLength)..];
    }

    /// <summary>The task's name; empty for none.</summary>
    public ReadOnlySpan<char> Name { get; }

    /// <summary>See <see cref="TaskTrace"/>; empty for none.</summary>
    public ReadOnlySpan<char> Trace { get; }

    /// <summary>See <see cref="SentCultures"/>; empty for the worker's own.</summary>
    public ReadOnlySpan<byte> Cultures { get; }

    /// <summary>The work, or a <see cref="SegmentRecord"/> where the task is <see cref="TaskFlags.IsElsewhere"/>.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Bytes of the record.</summary>
    public int Length => LengthOf(Name.Length, Trace.Length, Cultures.Length, Body.Length);

    /// <summary>Bytes of a record with parts of these lengths; name and trace in characters.</summary>
    public static int LengthOf(int name, int trace, int cultures, int body) => checked(TaskHeader.Size + ((name + trace) * sizeof(char)) + cultures + body);

    /// <summary>Reads a record. Its parts stay where they are.</summary>
    /// <exception cref="ChannelCorruptedException">It is too short for what its header says.</exception>
    public static TaskMessage Read(ReadOnlySpan<byte> record) =>
        RecordHeaders.TryRead(record, out TaskHeader header, out var rest) && header.FitsInto(rest.Length)
            ? new TaskMessage(header, rest)
            : throw new ChannelCorruptedException($"A task's record of {record.Length} bytes is too short for what it says.");

    /// <summary>Writes the record.</summary>
    /// <param name="place"><see cref="Length"/> bytes.</param>
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
        Body.CopyTo(place[Cultures.Length..]);
    }

    /// <summary>The record in an array of its own.</summary>
    public byte[] ToArray()
    {
        byte[] record = new byte[Length];
        CopyTo(record);
        return record;
    }
}
