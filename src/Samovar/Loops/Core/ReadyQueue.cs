using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Samovar.Loops.Core;

/// <summary>The ready callbacks in the order in which they became ready: a growing ring buffer. Belongs to the loop's thread.</summary>
internal sealed class ReadyQueue
{
    private ReadyItem[] _items = new ReadyItem[64]; // a power of two
    private int _head;
    private int _count;

    public int Count => _count;

    /// <summary>The oldest callback, without removing it. Requires <see cref="Count"/> to be greater than zero.</summary>
    public ReadyItem Oldest => _items[_head];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(object callback, object? state)
    {
        if (_count == _items.Length) Grow();
        _items[(_head + _count) & (_items.Length - 1)] = new ReadyItem(callback, state);
        _count++;
    }

    /// <summary>Removes and returns the oldest callback. Requires <see cref="Count"/> to be greater than zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadyItem Dequeue()
    {
        Debug.Assert(_count > 0, "the queue is not empty");
        ref var slot = ref _items[_head];
        var item = slot;
        slot = default;
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        return item;
    }

    /// <summary>Removes and returns the callback at <paramref name="place"/>, counted from the oldest; the others keep their order.</summary>
    public ReadyItem TakeAt(int place)
    {
        Debug.Assert((uint)place < (uint)_count, "the place is within the queue");
        int mask = _items.Length - 1;
        var taken = _items[(_head + place) & mask];
        for (int i = place; i > 0; i--) _items[(_head + i) & mask] = _items[(_head + i - 1) & mask];
        _items[_head] = taken;
        return Dequeue();
    }

    [Conditional("DEBUG")]
    public void CheckInvariants()
    {
        Debug.Assert((_items.Length & (_items.Length - 1)) == 0, "the ring's length is a power of two");
        Debug.Assert((uint)_head < (uint)_items.Length && _count >= 0 && _count <= _items.Length, "head and count are within the ring");
        Debug.Assert(_count == 0 || _items[_head].Callback is not null, "the oldest slot is occupied");
        Debug.Assert(_count == _items.Length || _items[(_head + _count) & (_items.Length - 1)].Callback is null, "slots outside the queue are cleared");
    }

    private void Grow()
    {
        var larger = new ReadyItem[_items.Length * 2];
        int first = _items.Length - _head;
        Array.Copy(_items, _head, larger, 0, first);
        Array.Copy(_items, 0, larger, first, _head);
        _items = larger;
        _head = 0;
    }
}
