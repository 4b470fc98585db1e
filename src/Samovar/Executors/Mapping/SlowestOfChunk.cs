using System.Runtime.InteropServices;
using Samovar.Ipc;

namespace Samovar.Executors.Mapping;

/// <summary>The slowest of the items that ran as one task; the default value means that they were not measured.</summary>
/// <param name="place">Its position among them.</param>
/// <param name="took">How long it ran.</param>
internal readonly struct SlowestOfChunk(int place, TimeSpan took)
{
    private const int Size = sizeof(int) + sizeof(long);

    public bool HasValue { get; } = true;

    public int Place => place;

    public TimeSpan Took => took;

    /// <summary>The length in a message, in bytes; 0 if the items were not measured.</summary>
    public int Length => HasValue ? Size : 0;

    /// <summary>Reads what follows the outcomes in an <see cref="ItemBlock"/>: nothing, or an int32 and the ticks as an int64.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="count">How many items ran.</param>
    /// <exception cref="ChannelCorruptedException">The bytes are malformed.</exception>
    public static SlowestOfChunk Read(ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < Size) return default;
        int place = MemoryMarshal.Read<int>(bytes);
        long ticks = MemoryMarshal.Read<long>(bytes[sizeof(int)..]);
        if (place < 0 || place >= count || ticks < 0) throw new ChannelCorruptedException($"A worker's result for a batch of items is malformed: item {place} of {count} is the slowest, with {ticks} ticks.");
        return new(place, TimeSpan.FromTicks(ticks));
    }

    public void CopyTo(Span<byte> bytes)
    {
        if (!HasValue) return;
        MemoryMarshal.Write(bytes, place);
        MemoryMarshal.Write(bytes[sizeof(int)..], took.Ticks);
    }
}
