using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Primitives;

namespace Samovar.Executors.Mapping;

/// <summary>The slowest of many items. Thread-safe, and safe on threads that a codec has interrupted.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class SlowestItems(int most)
{
    private readonly Lock _gate = new();
    private readonly List<MeasuredItem> _items = []; // the slowest first
    private long _leastTicks = most > 0 ? -1 : long.MaxValue;

    /// <summary>Whether an item is among the slowest so far, so that it is worth describing.</summary>
    public bool WouldKeep(TimeSpan took) => took.Ticks > Volatile.Read(ref _leastTicks);

    public void Add(in MeasuredItem item)
    {
        using (_gate.HoldRegardless())
        {
            if (most == 0 || !WouldKeep(item.Took)) return;
            int at = _items.Count;
            while (at > 0 && _items[at - 1].Took < item.Took) at--;
            _items.Insert(at, item);
            if (_items.Count > most) _items.RemoveAt(most);
            if (_items.Count == most) Volatile.Write(ref _leastTicks, _items[^1].Took.Ticks);
            CheckInvariantsLocked();
        }
    }

    public void Add(IEnumerable<MeasuredItem> items)
    {
        foreach (var item in items) Add(item);
    }

    public List<MeasuredItem> ToList()
    {
        using (_gate.HoldRegardless()) return [.. _items];
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_items.Count <= most, "no more items are kept than the limit");
        Debug.Assert(_items.Zip(_items.Skip(1)).All(static pair => pair.First.Took >= pair.Second.Took), "the slowest item is the first");
    }
}
