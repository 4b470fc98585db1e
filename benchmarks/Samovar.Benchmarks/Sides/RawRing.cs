using Samovar.Ipc;

namespace Samovar.Benchmarks.Sides;

/// <summary>The tightest queue that can be written by hand: one writer, one reader, slots of one size in shared memory, nobody sleeps or dies.</summary>
/// <remarks>Counters lie 128 bytes apart and are published with release; each side keeps the other's last seen one. One instance a side.</remarks>
internal sealed unsafe class RawRing<T>
    where T : unmanaged
{
    private const int Written = 0, Read = 128, Data = 256;
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

    public void Write(in T item) => WriteMany(new ReadOnlySpan<T>(in item));

    /// <summary>Writes some and publishes them at once.</summary>
    public void WriteMany(ReadOnlySpan<T> items)
    {
        for (int looks = 0; _own + items.Length - _other > _mask + 1; looks++)
        {
            _other = Volatile.Read(ref *(long*)(_memory + Read));
            if (_own + items.Length - _other > _mask + 1) Look(looks);
        }

        T* slots = (T*)(_memory + Data);
        foreach (ref readonly T item in items) slots[_own++ & _mask] = item;
        Volatile.Write(ref *(long*)(_memory + Written), _own);
    }

    /// <summary>Reads what is there, at least one and at most as many as fit.</summary>
    public int Take(Span<T> items)
    {
        for (int looks = 0; _other == _own; looks++)
        {
            _other = Volatile.Read(ref *(long*)(_memory + Written));
            if (_other == _own) Look(looks);
        }

        int count = (int)Math.Min(items.Length, _other - _own);
        T* slots = (T*)(_memory + Data);
        for (int i = 0; i < count; i++) items[i] = slots[_own++ & _mask];
        Volatile.Write(ref *(long*)(_memory + Read), _own);
        return count;
    }

    public T Take()
    {
        T item = default;
        Take(new Span<T>(ref item));
        return item;
    }

    // Where the other side has no core to run on, looking on would only keep it from one.
    private static void Look(int looks)
    {
        if (looks < 2000) Thread.SpinWait(1);
        else Thread.Yield();
    }
}
