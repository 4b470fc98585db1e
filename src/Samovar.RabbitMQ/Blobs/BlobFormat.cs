using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>How a blob is stored.</summary>
/// <remarks>
/// <list type="number">
/// <item>The content is in a stream, in chunks of 256 KiB; an empty blob is one empty chunk. Each chunk has its number, the length of the whole and the
/// SHA-256 of the whole.</item>
/// <item>When all chunks are confirmed, an empty queue, the mark, is declared: the blob exists if its mark does. The mark expires when it is not looked up for
/// the retention. <see cref="BlobIndex"/> deletes the stream after that.</item>
/// <item>A key names its content, so chunks with the same number are equal, from every member that puts the blob. A blob that was put twice, at the same time or
/// after an interruption, has some chunks several times; each writer's are in order. A reader takes the next number and skips others.</item>
/// </list>
/// </remarks>
internal static class BlobFormat
{
    public const int ChunkSize = 256 * 1024;
    public const string NumberHeader = "samovar-chunk";
    public const string LengthHeader = "samovar-length";
    public const string HashHeader = "samovar-sha256";
    public const string OffsetHeader = "x-stream-offset"; // the broker's

    private const int LongestKey = 128;
    private const int NotFound = 404;
    private const int PreconditionFailed = 406;

    /// <summary>In the text of the error if the mark exists, on a broker that is down.</summary>
    private const string HomeIsDown = "home node";

    public static void RequireKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is < 1 or > LongestKey || !key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new ArgumentException($"'{key}' is not a valid key of a blob: use 1 to {LongestKey} letters (a-z), digits, hyphens or underscores.", nameof(key));
    }

    public static string Mark(ClusterNames names, string key) => $"{names.Blob(key)}.complete";

    /// <summary>Whether the blob exists. Renews its time.</summary>
    /// <exception cref="OperationInterruptedException">The broker is down that has the mark, so it is not known.</exception>
    public static async Task<bool> ExistsAsync(IConnection connection, string mark, CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                // It is empty. A passive declaration does not renew the time of a quorum queue.
                await channel.BasicGetAsync(mark, autoAck: true, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: NotFound, ReplyText: var text } && !text.Contains(HomeIsDown, StringComparison.Ordinal))
            {
                return false;
            }
        }
    }

    public static async Task DeclareStreamAsync(IConnection connection, string stream, TimeSpan retention, CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            await channel.QueueDeclareAsync(stream, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["x-queue-type"] = "stream",
                    ["x-max-age"] = $"{(long)Math.Ceiling(retention.TotalSeconds)}s",
                }, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the mark first, so that the blob does not exist while a part of it does.</summary>
    public static async Task DeleteAsync(IConnection connection, string mark, string stream, CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            foreach (string queue in new[] { mark, stream })
                await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, noWait: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public static async Task DeclareMarkAsync(IConnection connection, string mark, TimeSpan retention, bool isReplicated, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-expires"] = ClusterTopology.Milliseconds(retention) };
        if (isReplicated) arguments["x-queue-type"] = "quorum";
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                await channel.QueueDeclareAsync(mark, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == PreconditionFailed)
            {
                // Another member with other options has stored the same blob meanwhile, so it exists.
            }
        }
    }
}
