using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>Fetches the blobs of attempts before they are claimed, and stores long results. Thread-safe.</summary>
/// <remarks>The gate guards the collections. It comes after the gate of the attempts.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeBlobs(NodeCore node, NodeItems items, int largestResult)
{
    /// <summary>How many results are stored at the same time.</summary>
    private const int MostStores = 4;

    /// <summary>From how many entries on those without content are removed.</summary>
    private const int ManyShared = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WeakReference<byte[]>> _shared = new(StringComparer.Ordinal); // by key; SharedWorks and attempts keep the content
    private readonly Dictionary<string, Task<byte[]>> _loading = new(StringComparer.Ordinal); // by key
    private readonly HashSet<NodeItem> _storing = [];
    private readonly SemaphoreSlim _stores = new(MostStores);

    /// <summary>Whether an attempt has all its work, or never will. Attaches shared work that was fetched for another attempt. Called under the gate of
    /// the attempts.</summary>
    public bool Has(NodeItem item)
    {
        if (item.FetchError is not null) return true;
        if (item.Shared?.Blob is { } shared && item.FetchedShared is null)
        {
            item.FetchedShared = FindShared(shared.Key);
            if (item.FetchedShared is null) return false;
        }

        return item.Entry.Blob is null || item.FetchedWork is not null;
    }

    /// <summary>Fetches what an attempt needs.</summary>
    public void Fetch(NodeItem item, CancellationToken cancellationToken) => _ = FetchAsync(item, cancellationToken);

    /// <summary>Fetches the work of a call, which has started; one that cannot be fetched fails when it is passed to its worker.</summary>
    public async Task FetchCallAsync(NodeItem call)
    {
        try
        {
            call.FetchedWork = await call.Entry.Blob!.FetchAsync(node.Connection, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            call.FetchError = new IOException($"Node '{node.Name}' could not fetch the work of call {call.Entry.Key.Id}: {error.Message}", error);
        }
    }

    /// <summary>Stores the result of an attempt as a blob, and reports it then. Does nothing if the result is being stored.</summary>
    public void Store(NodeItem item, ResultEntry result)
    {
        lock (_gate)
        {
            if (!_storing.Add(item)) return;
        }

        node.SendEnded(item);
        _ = StoreAsync(item, result);
    }

    private async Task FetchAsync(NodeItem item, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? shared = item.Shared?.Blob is { } sharedBlob ? await FetchSharedAsync(sharedBlob).WaitAsync(cancellationToken).ConfigureAwait(false) : null;
            byte[]? work = item.Entry.Blob is { } blob ? await blob.FetchAsync(node.Connection, cancellationToken).ConfigureAwait(false) : null;
            items.Fetched(item, work, shared, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The attempt went to another node, or its owner has gone.
        }
        catch (ObjectDisposedException)
        {
            // The node has left.
        }
        catch (Exception error)
        {
            items.Fetched(item, null, null, new IOException($"Node '{node.Name}' could not fetch the work of task {item.Entry.Key.Id}: {error.Message}", error));
        }
    }

    private byte[]? FindShared(string key)
    {
        lock (_gate) return _shared.TryGetValue(key, out var known) && known.TryGetTarget(out byte[]? content) ? content : null;
    }

    /// <summary>Fetches shared work once for all attempts that wait for it.</summary>
    private Task<byte[]> FetchSharedAsync(BlobReference blob)
    {
        lock (_gate)
        {
            if (_shared.TryGetValue(blob.Key, out var known) && known.TryGetTarget(out byte[]? content)) return Task.FromResult(content);
            if (!_loading.TryGetValue(blob.Key, out var loading)) _loading.Add(blob.Key, loading = Task.Run(() => LoadAsync(blob)));
            return loading;
        }
    }

    private async Task<byte[]> LoadAsync(BlobReference blob)
    {
        byte[]? content = null;
        try
        {
            return content = await blob.FetchAsync(node.Connection, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _loading.Remove(blob.Key);
                if (_shared.Count >= ManyShared)
                {
                    foreach (var (key, _) in _shared.Where(static entry => !entry.Value.TryGetTarget(out _)).ToList()) _shared.Remove(key);
                }

                if (content is not null) _shared[blob.Key] = new WeakReference<byte[]>(content);
                CheckInvariantsLocked();
            }
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() =>
        Debug.Assert(_loading.Keys.All(key => !_shared.TryGetValue(key, out var known) || !known.TryGetTarget(out _)), "shared work that is here is not fetched again");

    private async Task StoreAsync(NodeItem item, ResultEntry result)
    {
        var sent = result;
        await _stores.WaitAsync().ConfigureAwait(false);
        try
        {
            PayloadLimits.Require("It", result.Payload.Length, largestResult);
            var blob = BlobReference.Of("result", result.Payload.Span);
            await blob.PutAsync(node.Connection, result.Payload, CancellationToken.None).ConfigureAwait(false);
            sent = result with { Payload = default, Blob = blob };
        }
        catch (ObjectDisposedException)
        {
            return; // the node has left, which the owner notices
        }
        catch (Exception error)
        {
            sent = NodeResult.OfUnsent(result, error);
        }
        finally
        {
            _stores.Release();
        }

        bool isWanted = items.TryReplace(item, sent);
        lock (_gate) _storing.Remove(item); // after that: the long result is not stored again
        if (isWanted) node.Report(item, sent);
        else if (sent.Blob is { } unwanted) await DeleteAsync(unwanted).ConfigureAwait(false);
    }

    private async Task DeleteAsync(BlobReference blob)
    {
        try
        {
            await node.Connection.DeleteBlobAsync(blob.Key).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It expires by itself.
        }
    }
}
