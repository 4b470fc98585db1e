using Samovar.Primitives;

namespace Samovar.Tasks.Completions;

/// <summary>The entries of a future with more than one completion, in the order in which they were added.</summary>
internal sealed class CompletionList(object first, object second)
{
    private readonly Lock _gate = new();
    private List<object>? _entries = [first, second];

    /// <summary>Adds an entry. Returns false if the list is closed because the future has completed.</summary>
    public bool TryAdd(object entry)
    {
        lock (_gate)
        {
            if (_entries is null) return false;
            _entries.Add(entry);
            return true;
        }
    }

    public void Remove(object entry)
    {
        lock (_gate) _entries?.Remove(entry);
    }

    /// <summary>Removes and returns all entries; later additions are refused.</summary>
    public List<object> Close()
    {
        using (_gate.HoldRegardless())
        {
            var entries = _entries ?? [];
            _entries = null;
            return entries;
        }
    }
}
