using System.Numerics;

namespace Samovar.Primitives;

/// <summary>A counter to which many threads add and which is seldom read: each core adds to a cell on a cache line of its own, so that additions do not
/// take the line from one another. Thread-safe.</summary>
/// <remarks>The cells are created at the first addition: a counter that is never used costs one reference.</remarks>
internal struct StripedCounter
{
    /// <summary>The distance of two cells, in elements: two cache lines, because processors fetch lines in pairs.</summary>
    private const int Distance = 16;

    private static readonly int s_cells = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64));

    private long[]? _cells;

    /// <summary>Adds to the counter.</summary>
    public void Add(long value)
    {
        long[] cells = Volatile.Read(ref _cells) ?? Create();
        Interlocked.Add(ref cells[((Thread.GetCurrentProcessorId() & (s_cells - 1)) + 1) * Distance], value);
    }

    /// <summary>Returns the sum. Additions that happen meanwhile may be missing.</summary>
    public long Read()
    {
        if (Volatile.Read(ref _cells) is not { } cells) return 0;
        long sum = 0;
        for (int i = Distance; i < cells.Length; i += Distance) sum += Interlocked.Read(ref cells[i]);
        return sum;
    }

    /// <summary>Sets the counter to zero. Additions that happen meanwhile may be lost.</summary>
    public void Clear() => Volatile.Write(ref _cells, null);

    private long[] Create()
    {
        // One cell more than there are, so that none is next to the length of the array, and none next to the object behind it.
        long[] fresh = new long[(s_cells + 2) * Distance];
        return Interlocked.CompareExchange(ref _cells, fresh, null) ?? fresh;
    }
}
