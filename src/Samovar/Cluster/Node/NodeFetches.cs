using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>The attempts whose work is a blob that is not here, and which of them are fetched next. Not thread-safe: the gate of the
/// <see cref="NodeItems"/> guards it.</summary>
/// <param name="node">The node.</param>
/// <param name="most">How many are fetched ahead at most.</param>
/// <param name="isHere">Whether an attempt still waits.</param>
/// <param name="isReady">Called with an attempt whose blobs were fetched for another one.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeFetches(NodeCore node, int most, Func<NodeItem, bool> isHere, Action<NodeItem> isReady)
{
    private readonly HeldItems _waiting = new(isHere);
    private int _places; // that are taken

    /// <summary>Adds an attempt.</summary>
    /// <param name="item">The attempt.</param>
    /// <param name="live">As for <see cref="HeldItems.Add"/>.</param>
    public void Add(NodeItem item, int live) => _waiting.Add(item, live);

    /// <summary>Takes the attempts that are fetched next.</summary>
    public List<(NodeItem Item, CancellationToken Token)> TakeNext()
    {
        List<(NodeItem, CancellationToken)> taken = [];
        while (_places < most && _waiting.Take() is { } item)
        {
            if (node.Blobs.Has(item)) // fetched for another attempt meanwhile
            {
                isReady(item);
                continue;
            }

            _places++;
            item.Fetch = new CancellationTokenSource();
            item.IsFetching = true;
            taken.Add((item, item.Fetch.Token));
        }

        CheckInvariants();
        return taken;
    }

    /// <summary>Returns the place of an attempt, and cancels its fetch. Returns false if it has none.</summary>
    public bool Release(NodeItem item)
    {
        if (item.Fetch is not { } fetch) return false;
        item.Fetch = null;
        item.IsFetching = false;
        _places--;
        _ = fetch.CancelAsync(); // its callbacks do not run under the gate
        CheckInvariants();
        return true;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants() => Debug.Assert(_places >= 0 && _places <= most, "at most as many blobs are fetched ahead as there are workers");
}
