using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Stress.Processes;

/// <summary>A worker's own channel as bytes: found among the mappings of its process, past all that Samovar guards.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class HostileChannel
{
    private static readonly Lazy<HostileChannel> s_own = new(Search); // once: an earlier deed may have put noise over the header

    private readonly byte* _start;
    private readonly ChannelHeader _sizes; // as it was: noise may lie over the header later

    private HostileChannel(byte* start)
    {
        _start = start;
        _sizes = *(ChannelHeader*)start;
    }

    public Span<byte> All => new(_start, (int)_sizes.SegmentLength);

    public Span<byte> Slots => new(_start + _sizes.SlotsOffset, (int)_sizes.SlotCount * ChannelHeader.SlotStride);

    public Span<byte> Results => new(_start + _sizes.ResultsOffset, _sizes.ResultsCapacity);

    public ChannelHeader* Header => (ChannelHeader*)_start;

    /// <summary>The channel of the worker in which this runs.</summary>
    public static HostileChannel Find() => s_own.Value;

    private static HostileChannel Search()
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            if (!line.Contains("samovar", StringComparison.Ordinal) || !line.Contains(" rw-s ", StringComparison.Ordinal)) continue;
            long[] ends = [.. line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-').Select(static e => long.Parse(e, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            var header = (ChannelHeader*)ends[0];
            if (ends[1] - ends[0] < ChannelHeader.HeaderSize || header->Magic != ChannelHeader.MagicValue || header->SegmentLength != ends[1] - ends[0]) continue;
            if (header->ParentId == LinuxProcessCalls.getppid()) return new HostileChannel((byte*)ends[0]);
        }

        throw new InvalidOperationException("This process has no channel: it is no worker.");
    }

    /// <summary>The task that runs.</summary>
    public ItemTicket Running()
    {
        for (int slot = 0; slot < _sizes.SlotCount; slot++)
        {
            ulong word = *Word(slot);
            if (SlotWords.State(word) == ItemSlotState.Started) return new ItemTicket(slot, SlotWords.Generation(word));
        }

        return default;
    }

    /// <summary>A slot with a task that was sent and has not begun; null for none.</summary>
    public int? Next()
    {
        for (int slot = 0; slot < _sizes.SlotCount; slot++)
        {
            if (SlotWords.State(Volatile.Read(ref *Word(slot))) == ItemSlotState.Sent) return slot;
        }

        return null;
    }

    public ulong* Word(int slot) => (ulong*)(_start + _sizes.SlotsOffset + ((long)slot * ChannelHeader.SlotStride));

    /// <summary>Puts a record where the parent looks next, the length last.</summary>
    /// <param name="kind">Any number.</param>
    /// <param name="tag">Any number.</param>
    /// <param name="payload">Not too long for the ring.</param>
    /// <param name="length">What it says its length is; null for the truth.</param>
    public void Forge(ushort kind, ushort tag, ReadOnlySpan<byte> payload, uint? length = null)
    {
        int capacity = _sizes.ResultsCapacity;
        long position = Volatile.Read(ref Header->ResultsHead);
        for (uint found; (found = At(position)) != 0; position += MessageRing.Align((int)found))
        {
            if (found < MessageRing.HeaderSize || found > capacity / 4) return; // it is spoilt already
        }

        int size = MessageRing.Align(MessageRing.HeaderSize + payload.Length);
        int rest = capacity - (int)(position & (capacity - 1));
        if (rest < size + MessageRing.HeaderSize)
        {
            Write(position, (uint)rest, (ushort)RingRecordKind.Padding, 0, []);
            position += rest;
        }

        Write(position, length ?? (uint)(MessageRing.HeaderSize + payload.Length), kind, tag, payload);

        uint At(long at) => Volatile.Read(ref MemoryMarshal.AsRef<uint>(Results[(int)(at & (capacity - 1))..]));

        void Write(long at, uint says, ushort kind, ushort tag, ReadOnlySpan<byte> payload)
        {
            var record = Results[(int)(at & (capacity - 1))..];
            payload.CopyTo(record[MessageRing.HeaderSize..]);
            MemoryMarshal.Write(record[4..], kind);
            MemoryMarshal.Write(record[6..], tag);
            Volatile.Write(ref MemoryMarshal.AsRef<uint>(record), says);
        }
    }

    public void Forge<T>(RecordTag tag, T header, ReadOnlySpan<byte> rest = default)
        where T : unmanaged =>
        Forge((ushort)RingRecordKind.Message, (ushort)tag, [.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in header)), .. rest]);
}
