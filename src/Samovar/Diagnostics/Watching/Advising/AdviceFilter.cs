namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>Lets advice appear only after its rule has applied for some seconds, keeps it for some seconds after that, and changes its figures seldom:
/// what changes several times a second cannot be read. Not thread-safe.</summary>
internal sealed class AdviceFilter(AdviceLimits limits)
{
    private readonly Dictionary<(string Rule, int? Executor, string? Function), Entry> _entries = [];

    /// <summary>Returns the advice to show.</summary>
    /// <param name="now">The time since the first picture.</param>
    /// <param name="found">The advice of the rules that apply, and whether each appears at once.</param>
    public List<Advice> Pass(TimeSpan now, IEnumerable<(Advice Advice, bool IsImmediate)> found)
    {
        foreach (var (advice, isImmediate) in found)
        {
            var key = (advice.Rule, advice.Executor, advice.Function);
            if (!_entries.TryGetValue(key, out var entry)) _entries.Add(key, entry = new Entry(advice, now, isImmediate));
            if (now - entry.Changed >= limits.KeepsFigures || advice.Severity != entry.Advice.Severity || !entry.IsShown) (entry.Advice, entry.Changed) = (advice, now);
            entry.Seen = now;
            entry.IsShown |= entry.IsImmediate || now - entry.Began >= limits.HoldsFor;
        }

        foreach (var (key, entry) in _entries)
        {
            if (now > entry.Seen && (!entry.IsShown || entry.IsImmediate || now - entry.Seen >= limits.Lingers)) _entries.Remove(key);
        }

        return [.. _entries.Values.Where(static entry => entry.IsShown).OrderBy(static entry => entry.Began).Select(static entry => entry.Advice)
            .OrderByDescending(static advice => advice.Severity).Take(limits.Most)];
    }

    private sealed class Entry(Advice advice, TimeSpan began, bool isImmediate)
    {
        public TimeSpan Began { get; } = began;

        public bool IsImmediate => isImmediate;

        public Advice Advice { get; set; } = advice;

        public TimeSpan Changed { get; set; } = began;

        public TimeSpan Seen { get; set; } = began;

        public bool IsShown { get; set; }
    }
}
