namespace Samovar.Diagnostics.Recording;

/// <summary>The newest values of a sequence. Not thread-safe.</summary>
internal sealed class RecordRing<T>(int capacity)
{
    private readonly T[] _values = new T[capacity];

    /// <summary>How many values were added.</summary>
    public long Added { get; private set; }

    /// <summary>How many values are kept.</summary>
    public int Count => (int)Math.Min(Added, _values.Length);

    public void Add(T value) => _values[(int)(Added++ % _values.Length)] = value;

    /// <summary>Returns the values that were added after the first <paramref name="seen"/>, the oldest first, as far as they are kept.</summary>
    public IEnumerable<T> Since(long seen)
    {
        for (long i = Math.Max(seen, Added - Count); i < Added; i++) yield return _values[(int)(i % _values.Length)];
    }

    /// <summary>Returns the values, the newest first.</summary>
    public IEnumerable<T> NewestFirst()
    {
        for (long i = Added - 1; i >= Added - Count; i--) yield return _values[(int)(i % _values.Length)];
    }
}
