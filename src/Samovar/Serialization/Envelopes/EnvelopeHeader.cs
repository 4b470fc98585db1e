using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Serialization;

/// <summary>The fixed part of every message: who it is for and what it is, readable even if the body is not.</summary>
/// <remarks>
/// <code>
///   offset  size  field                                     all numbers least significant byte first
///   ------  ----  ------------------------------------------------------------------------------------
///        0     2  mark 0x5653 ("SV")
///        2     1  version, 1
///        3     1  kind
///        4     4  traits
///        8     8  id of the task, port or request
///       16     8  deadline, a Stopwatch timestamp of this machine; 0 = none
///       24     4  length of the body in bytes
///       28     4  definitions the body needs
///       32     4  attempt, from 1; 0 where it has no meaning
///       36     4  priority
///       40    16  W3C trace id; zeros = none
///       56     8  W3C span id of the sender
/// </code>
/// Any 64 bytes decode; <see cref="IsValid"/> says whether they are a header of this version.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EnvelopeHeader
{
    /// <summary>Size of a header in bytes.</summary>
    public const int Size = 64;

    private const ushort Mark = 0x5653;
    private const byte Version = 1;

    private readonly ushort _mark;
    private readonly byte _version;

    /// <summary>Creates a header of this version with every field zero.</summary>
    public EnvelopeHeader()
    {
        _mark = Mark;
        _version = Version;
    }

    private EnvelopeHeader(ReadOnlySpan<byte> bytes)
    {
        _mark = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        _version = bytes[2];
        Kind = (EnvelopeKind)bytes[3];
        Traits = (EnvelopeTraits)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        Id = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        Deadline = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        BodyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        DefinitionsNeeded = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        Attempt = BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]);
        Priority = BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        TraceId = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes[40..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[48..]));
        SpanId = BinaryPrimitives.ReadUInt64BigEndian(bytes[56..]);
    }

    /// <summary>What the body is.</summary>
    public EnvelopeKind Kind { get; init; }

    /// <summary>How to take the body.</summary>
    public EnvelopeTraits Traits { get; init; }

    /// <summary>Id of the task, port or request that the message is about.</summary>
    public long Id { get; init; }

    /// <summary>When the work must have ended: a <see cref="Stopwatch"/> timestamp, the same in all processes of a machine; 0 for none.</summary>
    public long Deadline { get; init; }

    /// <summary>Length of the body in bytes; check it against what follows before use.</summary>
    public int BodyLength { get; init; }

    /// <summary>How many definitions of the connection the body needs, see <see cref="ShippedBody.DefinitionsNeeded"/>.</summary>
    public int DefinitionsNeeded { get; init; }

    /// <summary>Which attempt at the task this is, from 1; 0 where that has no meaning.</summary>
    public int Attempt { get; init; }

    /// <summary>The task's priority.</summary>
    public int Priority { get; init; }

    /// <summary>W3C trace id as a number, first byte most significant; 0 for none.</summary>
    public UInt128 TraceId { get; init; }

    /// <summary>W3C id of the sender's span as a number, first byte most significant.</summary>
    public ulong SpanId { get; init; }

    /// <summary>Whether the bytes were a header of this version with a possible kind and lengths that are not negative.</summary>
    public bool IsValid => _mark == Mark && _version == Version && Kind is > EnvelopeKind.None and <= EnvelopeKind.Control
        && BodyLength >= 0 && DefinitionsNeeded >= 0;

    /// <summary>The trace as the diagnostics of .NET know it; default for none.</summary>
    public ActivityContext Trace
    {
        get
        {
            if (TraceId == 0)
                return default;
            Span<byte> bytes = stackalloc byte[24];
            WriteTrace(bytes);
            return new ActivityContext(
                ActivityTraceId.CreateFromBytes(bytes[..16]), ActivitySpanId.CreateFromBytes(bytes[16..]),
                (Traits & EnvelopeTraits.Traced) != EnvelopeTraits.None ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);
        }
    }

    /// <summary>Decodes a header; never throws for what the bytes say.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="source"/> is shorter.</exception>
    public static EnvelopeHeader Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < Size)
            throw new ArgumentException($"A header takes {Size} bytes, {source.Length} are there.", nameof(source));
        return new EnvelopeHeader(source);
    }

    /// <summary>Encodes the header.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter.</exception>
    public void Write(Span<byte> destination)
    {
        if (destination.Length < Size)
            throw new ArgumentException($"A header takes {Size} bytes, {destination.Length} are there.", nameof(destination));
        BinaryPrimitives.WriteUInt16LittleEndian(destination, _mark);
        destination[2] = _version;
        destination[3] = (byte)Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)Traits);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Id);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Deadline);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], BodyLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], DefinitionsNeeded);
        BinaryPrimitives.WriteInt32LittleEndian(destination[32..], Attempt);
        BinaryPrimitives.WriteInt32LittleEndian(destination[36..], Priority);
        WriteTrace(destination[40..]);
    }

    /// <summary>The header with the ids of a trace.</summary>
    /// <param name="trace">The trace; default clears it.</param>
    public EnvelopeHeader WithTrace(ActivityContext trace)
    {
        Span<byte> bytes = stackalloc byte[24];
        if (trace == default)
            return this with { TraceId = 0, SpanId = 0, Traits = Traits & ~EnvelopeTraits.Traced };
        trace.TraceId.CopyTo(bytes[..16]); // fills as many bytes as it is given
        trace.SpanId.CopyTo(bytes[16..]);
        bool recorded = (trace.TraceFlags & ActivityTraceFlags.Recorded) != ActivityTraceFlags.None;
        return this with
        {
            TraceId = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])),
            SpanId = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            Traits = recorded ? Traits | EnvelopeTraits.Traced : Traits & ~EnvelopeTraits.Traced,
        };
    }

    private void WriteTrace(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)(TraceId >> 64));
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], (ulong)TraceId);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], SpanId);
    }
}
