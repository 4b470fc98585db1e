using System.Security.Cryptography;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Publishing;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>Stores a blob.</summary>
internal static class BlobWriter
{
    private const int MostUnconfirmed = 8; // chunks: 2 MiB

    public static async Task PutAsync(RabbitMQConnection connection, string key, Stream content, CancellationToken cancellationToken)
    {
        string mark = BlobFormat.Mark(connection.Names, key);
        if (await connection.RequestAsync((session, token) => BlobFormat.ExistsAsync(session.Requests, mark, token), cancellationToken).ConfigureAwait(false)) return;

        await BlobIndex.AddAsync(connection, key, cancellationToken).ConfigureAwait(false); // before there is anything to delete
        if (content.GetType() == typeof(MemoryStream)) // in memory already, and read as often as wanted
        {
            long start = content.Position;
            string hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
            await StoreAsync(connection, key, content, start, hash, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            FileStream copy = OpenTemporaryFile();
            await using (copy.ConfigureAwait(false))
            {
                string hash = await CopyAsync(content, copy, cancellationToken).ConfigureAwait(false);
                await StoreAsync(connection, key, copy, 0, hash, cancellationToken).ConfigureAwait(false);
            }
        }

        await connection.RequestAsync(
            (session, token) => BlobFormat.DeclareMarkAsync(session.Requests, mark, connection.Options.BlobRetention, connection.Replicates, token), cancellationToken).ConfigureAwait(false);
    }

    // Only this user can read the file. The first chunk has the length and the hash of the whole, and the content can be read once.
    private static FileStream OpenTemporaryFile() => new(
        Path.GetTempFileName(),
        new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });

    private static async Task<string> CopyAsync(Stream content, FileStream copy, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BlobFormat.ChunkSize];
        while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            hash.AppendData(buffer, 0, count);
            await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task StoreAsync(RabbitMQConnection connection, string key, Stream copy, long start, string hash, CancellationToken cancellationToken)
    {
        try
        {
            await StoreOnceAsync(connection, connection.Names.Blob(key), copy, start, hash, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamDeletedException)
        {
            // What was left of an expired blob with this key was deleted at this moment. The second attempt has a stream of its own.
            await StoreOnceAsync(connection, connection.Names.Blob(key), copy, start, hash, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task StoreOnceAsync(RabbitMQConnection connection, string stream, Stream copy, long start, string hash, CancellationToken cancellationToken)
    {
        copy.Position = start;
        await connection.RequestAsync(
            (session, token) => BlobFormat.DeclareStreamAsync(session.Requests, stream, connection.Options.BlobRetention, token), cancellationToken).ConfigureAwait(false);
        var unconfirmed = new Queue<Task>();
        long number = 0;
        do
        {
            byte[] chunk = new byte[Math.Min(BlobFormat.ChunkSize, copy.Length - copy.Position)];
            await copy.ReadExactlyAsync(chunk, cancellationToken).ConfigureAwait(false);
            var message = new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = stream,
                Body = chunk,
                MayBeUnroutable = true,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    [BlobFormat.NumberHeader] = number++,
                    [BlobFormat.LengthHeader] = copy.Length - start,
                    [BlobFormat.HashHeader] = hash,
                },
            };
            if (unconfirmed.Count == MostUnconfirmed) await unconfirmed.Dequeue().ConfigureAwait(false);
            unconfirmed.Enqueue(PublishAsync(connection, message, cancellationToken));
        }
        while (copy.Position < copy.Length);

        await Task.WhenAll(unconfirmed).ConfigureAwait(false);
    }

    private static async Task PublishAsync(RabbitMQConnection connection, OutgoingMessage chunk, CancellationToken cancellationToken)
    {
        PublishResult result = await connection.PublishChunkAsync(chunk, cancellationToken).ConfigureAwait(false);
        if (result == PublishResult.Unroutable) throw new StreamDeletedException(chunk.RoutingKey);
    }

    private sealed class StreamDeletedException(string stream) : IOException($"The stream '{stream}' was deleted while a blob was stored in it.");
}
