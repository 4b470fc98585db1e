namespace Samovar.Diagnostics.Recording;

/// <summary>The newest values of a sequence. Not thread-safe.</summary>
internal sealed class RecordRing<T>(int capacity)
{
    private readonly T[] _values = new T[capacity];

    /// <summary>How many values it can keep.</summary>
    public int Capacity => _values.Length;

    /// <summary>How many values were added.</summary>
    public long Added { get; private set; }

    /// <summary>How many values are kept.</summary>
    public int Count => (int)Math.Min(Added, _values.Length);

    public void Add(in T value) => _values[(int)(Added++ % _values.Length)] = value;

    /// <summary>Returns a larger ring with the same values and count.</summary>
    public RecordRing<T> WithCapacity(int larger)
    {
        var copy = new RecordRing<T>(larger) { Added = Added - Count };
        for (long i = Added - Count; i < Added; i++) copy.Add(_values[(int)(i % _values.Length)]);
        return copy;
    }

    /// <summary>Adds the values that were added after the first <paramref name="seen"/> to a list, the oldest first, as far as they are kept; all of them if
    /// fewer were added, because the ring is another one.</summary>
    public void CopySince(long seen, List<T> values)
    {
        long first = seen > Added ? Added - Count : Math.Max(seen, Added - Count);
        int at = (int)(first % _values.Length), count = (int)(Added - first);
        int untilEnd = Math.Min(count, _values.Length - at);
        values.EnsureCapacity(values.Count + count);
        values.AddRange(_values.AsSpan(at, untilEnd));
        values.AddRange(_values.AsSpan(0, count - untilEnd));
    }

    /// <summary>Returns the values, the newest first.</summary>
    public IEnumerable<T> NewestFirst()
    {
        for (long i = Added - 1; i >= Added - Count; i--) yield return _values[(int)(i % _values.Length)];
    }
}
