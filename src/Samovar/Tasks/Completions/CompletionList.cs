using Samovar.Primitives;

namespace Samovar.Tasks.Completions;

/// <summary>The second and later entries of a future's completions, in the order they were added.</summary>
internal sealed class CompletionList(object first, object second)
{
    private readonly Lock _gate = new();
    private List<object>? _entries = [first, second];

    /// <summary>False: the list has been closed, the future has ended.</summary>
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

    /// <summary>Takes all entries; later additions are refused.</summary>
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
