using System.Diagnostics;

namespace Samovar.Diagnostics.Inspection;

/// <summary>The running maps of one executor, and those that completed shortly before. Thread-safe.</summary>
/// <remarks>Holds running maps weakly: an enumeration that is left without being disposed disappears with its objects. A map costs an entry here, an item
/// costs nothing.</remarks>
internal sealed class MapList
{
    /// <summary>How long a completed map is kept.</summary>
    public static readonly TimeSpan KeepsEnded = TimeSpan.FromSeconds(5);

    private const int Few = 16;
    private const int MostEnded = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, WeakReference<IObservedMap>> _running = [];
    private readonly List<EndedMap> _ended = [];
    private long _added;
    private int _room = Few;

    /// <summary>Adds a map that begins, and returns its number.</summary>
    public long Add(IObservedMap map)
    {
        lock (_gate)
        {
            if (_running.Count >= _room)
            {
                foreach (var (number, kept) in _running)
                {
                    if (!kept.TryGetTarget(out _)) _running.Remove(number);
                }

                _room = Math.Max(Few, _running.Count * 2);
            }

            _running.Add(++_added, new WeakReference<IObservedMap>(map));
            CheckInvariantsLocked();
            return _added;
        }
    }

    /// <summary>Removes a completed map.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="last">What it has done, for the watchers of the process; null without watchers.</param>
    /// <param name="now">The timestamp, by the executor's clock.</param>
    public void Remove(long number, MapActivity? last, long now)
    {
        lock (_gate)
        {
            _running.Remove(number);
            if (last is null) return;
            if (_ended.Count == MostEnded) _ended.RemoveAt(0);
            _ended.Add(new EndedMap(last, now));
            CheckInvariantsLocked();
        }
    }

    /// <summary>Returns what the maps have done, the completed ones last. Must be called under no lock of the executor.</summary>
    /// <param name="time">The executor's clock.</param>
    public List<MapActivity> Capture(TimeProvider time)
    {
        List<(long Number, IObservedMap Map)> running = [];
        List<MapActivity> ended;
        lock (_gate)
        {
            foreach (var (number, kept) in _running)
            {
                if (kept.TryGetTarget(out var map)) running.Add((number, map));
            }

            long now = time.GetTimestamp();
            _ended.RemoveAll(one => time.GetElapsedTime(one.EndedAt, now) > KeepsEnded);
            ended = _ended.ConvertAll(static one => one.Map);
        }

        running.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        return [.. running.ConvertAll(static one => one.Map.Capture(one.Number)), .. ended];
    }

    /// <summary>Drops the completed maps: no one watches any more.</summary>
    public void Clear()
    {
        lock (_gate) _ended.Clear();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_running.Count <= _added && _running.Count <= _room, "running maps were added, and have room");
        Debug.Assert(_ended.Count <= MostEnded, "no more completed maps are kept than the limit");
        Debug.Assert(_ended.TrueForAll(one => !_running.ContainsKey(one.Map.Number)), "a completed map does not run");
    }

    private sealed record EndedMap(MapActivity Map, long EndedAt);
}
