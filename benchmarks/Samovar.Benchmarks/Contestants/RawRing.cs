using Samovar.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>A minimal hand-written queue: one writer, one reader, fixed-size slots in shared memory, without sleeping and without recovery.</summary>
/// <remarks>The counters are 128 bytes apart and are published with release semantics. Each side caches the last value it has read of the other's
/// counter. Each contestant uses an instance of its own.</remarks>
internal sealed unsafe class RawRing<T>
    where T : unmanaged
{
    private const int Written = 0, Read = 128, Data = 256;
    private readonly byte* _memory;
    private readonly int _mask;
    private long _own;
    private long _other;

    /// <param name="memory">The memory from <see cref="Allocate"/>, which the caller keeps alive.</param>
    /// <param name="capacity">The number of slots, a power of two.</param>
    public RawRing(SharedArray<byte> memory, int capacity)
    {
        // Shared memory does not move, so the pointer is valid for the lifetime of the array.
        fixed (byte* start = &memory[0]) _memory = start;
        _mask = capacity - 1;
    }

    public static SharedArray<byte> Allocate(int capacity) => new(Data + capacity * sizeof(T));

    /// <summary>Writes an item and publishes it.</summary>
    public void Write(in T item)
    {
        AwaitRoom(1);
        ((T*)(_memory + Data))[_own++ & _mask] = item;
        Volatile.Write(ref *(long*)(_memory + Written), _own);
    }

    /// <summary>Writes items and publishes them together.</summary>
    public void WriteMany(ReadOnlySpan<T> items)
    {
        AwaitRoom(items.Length);
        int first = (int)Math.Min(items.Length, _mask + 1 - (_own & _mask)); // up to the end of the ring; the rest wraps around
        items[..first].CopyTo(Slots((int)(_own & _mask), first));
        items[first..].CopyTo(Slots(0, items.Length - first));
        _own += items.Length;
        Volatile.Write(ref *(long*)(_memory + Written), _own);
    }

    /// <summary>Waits for at least one item, and reads as many as are available and fit.</summary>
    public int Take(Span<T> items)
    {
        AwaitItem();
        int count = (int)Math.Min(items.Length, _other - _own);
        int first = (int)Math.Min(count, _mask + 1 - (_own & _mask));
        Slots((int)(_own & _mask), first).CopyTo(items);
        Slots(0, count - first).CopyTo(items[first..]);
        _own += count;
        Volatile.Write(ref *(long*)(_memory + Read), _own);
        return count;
    }

    /// <summary>Waits for an item and reads it.</summary>
    public T Take()
    {
        AwaitItem();
        T item = ((T*)(_memory + Data))[_own++ & _mask];
        Volatile.Write(ref *(long*)(_memory + Read), _own);
        return item;
    }

    private void AwaitRoom(int count)
    {
        for (int looks = 0; _own + count - _other > _mask + 1; looks++)
        {
            _other = Volatile.Read(ref *(long*)(_memory + Read));
            if (_own + count - _other > _mask + 1) Look(looks);
        }
    }

    private void AwaitItem()
    {
        for (int looks = 0; _other == _own; looks++)
        {
            _other = Volatile.Read(ref *(long*)(_memory + Written));
            if (_other == _own) Look(looks);
        }
    }

    private Span<T> Slots(int start, int count) => new((T*)(_memory + Data) + start, count);

    // Yields after a while: if the other side needs this core, polling would delay it.
    private static void Look(int looks)
    {
        if (looks < 2000) Thread.SpinWait(1);
        else Thread.Yield();
    }
}
