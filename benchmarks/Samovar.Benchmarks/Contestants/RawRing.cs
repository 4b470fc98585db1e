using Samovar.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The tightest queue that can be written by hand: one writer, one reader, slots of one size in shared memory, without sleeping and without recovery.</summary>
/// <remarks>Counters lie 128 bytes apart and are published with release; each side keeps the other's last seen one. One instance a contestant.</remarks>
internal sealed unsafe class RawRing<T>
    where T : unmanaged
{
    private const int ResultLine = 0, Read = 128, Data = 256;
    private readonly byte* _memory;
    private readonly int _mask;
    private long _own;
    private long _other;

    /// <param name="memory">From <see cref="Allocate"/>; the caller keeps it alive.</param>
    /// <param name="capacity">Slots, a power of two.</param>
    public RawRing(SharedArray<byte> memory, int capacity)
    {
        // Shared memory does not move; the pointer is good for as long as the array is.
        fixed (byte* start = &memory[0]) _memory = start;
        _mask = capacity - 1;
    }

    public static SharedArray<byte> Allocate(int capacity) => new(Data + capacity * sizeof(T));

    /// <summary>Writes one and publishes it.</summary>
    public void Write(in T item)
    {
        AwaitRoom(1);
        ((T*)(_memory + Data))[_own++ & _mask] = item;
        Volatile.Write(ref *(long*)(_memory + ResultLine), _own);
    }

    /// <summary>Writes some and publishes them at once.</summary>
    public void WriteMany(ReadOnlySpan<T> items)
    {
        AwaitRoom(items.Length);
        int first = (int)Math.Min(items.Length, _mask + 1 - (_own & _mask)); // up to the end, and the rest from the beginning
        items[..first].CopyTo(Slots((int)(_own & _mask), first));
        items[first..].CopyTo(Slots(0, items.Length - first));
        _own += items.Length;
        Volatile.Write(ref *(long*)(_memory + ResultLine), _own);
    }

    /// <summary>Reads what is there, at least one and at most as many as fit.</summary>
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

    /// <summary>Reads one.</summary>
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
            _other = Volatile.Read(ref *(long*)(_memory + ResultLine));
            if (_other == _own) Look(looks);
        }
    }

    private Span<T> Slots(int start, int count) => new((T*)(_memory + Data) + start, count);

    // Where the other side has no core to run on, looking on would only keep it from one.
    private static void Look(int looks)
    {
        if (looks < 2000) Thread.SpinWait(1);
        else Thread.Yield();
    }
}
