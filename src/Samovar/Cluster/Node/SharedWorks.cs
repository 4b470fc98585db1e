using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Node;

/// <summary>The work that tasks of owners share, as the node's pool stores it, so that it is sent to each worker once and not with each task. Used by the
/// thread that starts tasks.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class SharedWorks(RemoteExecutorCore pool)
{
    /// <summary>How much work is kept. What is dropped is stored again with the next task that uses it.</summary>
    private const int Most = 16;

    /// <summary>The sum of the lengths of the kept work, in bytes; the last used is kept in any case.</summary>
    private const long MostBytes = 256 << 20;

    private readonly List<Entry> _entries = []; // the last used comes last

    /// <summary>Returns the work that a task shares; null if it shares none.</summary>
    public Entry? Of(NodeItem item)
    {
        int number = item.Entry.Shared;
        if (number == 0) return null;
        int at = _entries.FindIndex(entry => entry.Bytes.Number == number && entry.Owner == item.Message.Owner);
        var found = at < 0 ? Create(item, number) : _entries[at];
        if (at >= 0) _entries.RemoveAt(at);
        _entries.Add(found);
        while (_entries.Count > Most || (_entries.Count > 1 && _entries.Sum(static entry => (long)entry.Bytes.Body.Length) > MostBytes))
        {
            _entries[0].Work?.Release();
            _entries.RemoveAt(0);
        }

        return found;
    }

    private Entry Create(NodeItem item, int number)
    {
        var body = item.Shared
            ?? throw new MessageFormatException($"Task {item.Entry.Key.Id} uses work {number}, which is not in its message.");
        var bytes = new SharedBytes(number, body.RefersToAll, item.FetchedShared ?? body.Body.ToArray());
        return new Entry(item.Message.Owner, bytes, pool.Share((Func<int>)bytes.Carry, refersToIt: true));
    }

    internal sealed record Entry(Guid Owner, SharedBytes Bytes, ExecutorSharedWork? Work);
}
