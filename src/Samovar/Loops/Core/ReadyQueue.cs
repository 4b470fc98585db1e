using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Samovar.Loops.Core;

/// <summary>The callbacks that are ready, in the order in which they became so: a ring that grows. Belongs to the loop's thread.</summary>
internal sealed class ReadyQueue
{
    private ReadyItem[] _items = new ReadyItem[64]; // a power of two
    private int _head;
    private int _count;

    public int Count => _count;

    /// <summary>The oldest, which stays. Only where <see cref="Count"/> is not zero.</summary>
    public ReadyItem Oldest => _items[_head];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(object callback, object? state)
    {
        if (_count == _items.Length) Grow();
        _items[(_head + _count) & (_items.Length - 1)] = new ReadyItem(callback, state);
        _count++;
    }

    /// <summary>Takes the oldest. Only where <see cref="Count"/> is not zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadyItem Dequeue()
    {
        Debug.Assert(_count > 0, "only what is there is taken");
        ref var slot = ref _items[_head];
        var item = slot;
        slot = default;
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        return item;
    }

    /// <summary>Takes the one at <paramref name="place"/>, counted from the oldest; the others keep their order.</summary>
    public ReadyItem TakeAt(int place)
    {
        Debug.Assert((uint)place < (uint)_count, "only what is there is taken");
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
        Debug.Assert((uint)_head < (uint)_items.Length && _count >= 0 && _count <= _items.Length, "what is ready lies in the ring");
        Debug.Assert(_count == 0 || _items[_head].Callback is not null, "the oldest is there");
        Debug.Assert(_count == _items.Length || _items[(_head + _count) & (_items.Length - 1)].Callback is null, "what was taken is not kept");
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
