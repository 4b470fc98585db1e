using System.Collections.Concurrent;
using System.Threading.Channels;
using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <summary>Stores the work of tasks that is too long for messages, fetches their results, and deletes both when they are not needed any more.
/// Thread-safe.</summary>
internal sealed class OwnerBlobs
{
    /// <summary>How many results are fetched at the same time.</summary>
    private const int MostFetches = 4;

    private const int MostDeletions = 4;

    /// <summary>How long the end of the executor waits for the last deletions. What is left expires.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetches = new(MostFetches);
    private readonly ConcurrentDictionary<string, byte> _stored = new(StringComparer.Ordinal); // the keys of work that is not deleted
    private readonly Channel<string> _unneeded = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _givenUp = new();
    private ClusterConnection? _connection;
    private Task _deletions = Task.CompletedTask; // written before the executor can end

    /// <summary>Called once, before the first task is published.</summary>
    public void Connect(ClusterConnection connection)
    {
        Volatile.Write(ref _connection, connection); // SYNC: owner blobs connected
        _deletions = DeleteAllAsync(connection);
    }

    /// <summary>Stores work.</summary>
    /// <exception cref="IOException">It could not be stored.</exception>
    public async Task<BlobReference> PutAsync(string kind, ReadOnlyMemory<byte> content)
    {
        var blob = BlobReference.Of(kind, content.Span);
        _stored.TryAdd(blob.Key, 0);
        try
        {
            await blob.PutAsync(Connection, content, _ending.Token).ConfigureAwait(false);
            return blob;
        }
        catch (Exception error)
        {
            Delete(blob); // a part may be stored
            if (error is ObjectDisposedException or OperationCanceledException) throw;
            throw new IOException($"The work ({content.Length:N0} bytes) could not be stored in the cluster: {error.Message}", error);
        }
    }

    /// <summary>Fetches a result.</summary>
    /// <exception cref="OperationCanceledException"><see cref="GiveUp"/> was called.</exception>
    public async Task<byte[]> FetchAsync(BlobReference blob)
    {
        await _fetches.WaitAsync(_givenUp.Token).ConfigureAwait(false);
        try
        {
            return await blob.FetchAsync(Connection, _givenUp.Token).ConfigureAwait(false);
        }
        finally
        {
            _fetches.Release();
        }
    }

    /// <summary>Deletes a blob, soon.</summary>
    public void Delete(BlobReference blob)
    {
        _stored.TryRemove(blob.Key, out _);
        _unneeded.Writer.TryWrite(blob.Key);
    }

    /// <summary>Cancels the fetches, because the executor is killed.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <summary>Deletes all work that is left, such as that of a map that is still enumerated. Ends when that is done, or after some seconds.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        foreach (string key in _stored.Keys) _unneeded.Writer.TryWrite(key);
        _unneeded.Writer.TryComplete();
        try
        {
            await _deletions.WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The connection is interrupted, or the broker is slow: what is left expires.
        }
    }

    private ClusterConnection Connection => Volatile.Read(ref _connection) ?? throw new InvalidOperationException("The executor is not connected."); // SYNC: owner blobs connected

    private Task DeleteAllAsync(ClusterConnection connection) => Parallel.ForEachAsync(
        _unneeded.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = MostDeletions }, async (key, _) =>
        {
            try
            {
                await connection.DeleteBlobAsync(key, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The connection is closed, or the broker refuses: the blob expires.
            }
        });
}
