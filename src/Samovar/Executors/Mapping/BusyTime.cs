namespace Samovar.Executors.Mapping;

/// <summary>The time in which a worker runs at least one task of a map: tasks of a loop overlap. Not thread-safe. Times are timestamps.</summary>
internal sealed class BusyTime
{
    private const int MostSpans = 64;

    private readonly List<(long From, long To)> _spans = []; // in order, without overlap
    private long _earlier; // the sum of spans that no later one reaches any more

    /// <summary>Adds the time of a completed task. Tasks are added about in the order in which they complete.</summary>
    public void Add(long from, long to)
    {
        if (to <= from) return;
        int at = _spans.Count;
        while (at > 0 && _spans[at - 1].To >= from) at--;
        int end = at;
        for (; end < _spans.Count && _spans[end].From <= to; end++) (from, to) = (Math.Min(from, _spans[end].From), Math.Max(to, _spans[end].To));
        _spans.RemoveRange(at, end - at);
        _spans.Insert(at, (from, to));
        if (_spans.Count <= MostSpans) return;
        _earlier += _spans[0].To - _spans[0].From;
        _spans.RemoveAt(0);
    }

    /// <summary>Returns the sum, in units of timestamps.</summary>
    public long Sum() => _earlier + _spans.Sum(static span => span.To - span.From);
}
