using System.Text;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Publishing;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>Deletes the streams of blobs that have expired, because a stream never expires by itself: retention drops old parts of it, and never the
/// last one.</summary>
/// <remarks>
/// <list type="number">
/// <item>A queue of the cluster, the index, has an entry for each blob: its key, and when the entry was written. It is written before the stream is
/// declared, so a member that is killed in between leaves an entry at worst.</item>
/// <item>Members sweep the index from its oldest entry to the first that is younger than <see cref="s_age"/>. If the blob has a mark, its entry is written
/// again, with the current time. Otherwise the blob was deleted, has expired, or was never completed: its stream is deleted.</item>
/// <item>Whether there is a mark is tried with a message to it that expires at once, because looking it up would renew its time.</item>
/// </list>
/// </remarks>
internal sealed class BlobIndex(RabbitMQConnection connection, ILogger logger)
{
    private const string TimeHeader = "samovar-time";

    /// <summary>No blob takes so long to be stored.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromHours(6);

    /// <summary>A connection that was just opened has other things to do, and many members may have connected at the same time.</summary>
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>Adds an entry.</summary>
    public static async Task AddAsync(RabbitMQConnection connection, string key, CancellationToken cancellationToken)
    {
        var entry = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = connection.Names.BlobIndex,
            Body = Encoding.ASCII.GetBytes(key),
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [TimeHeader] = Now(connection).ToUnixTimeMilliseconds() },
        };
        await connection.PublishChunkAsync(entry, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sweeps now and then, until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var time = connection.Options.TimeProvider;
        try
        {
            for (var pause = s_firstPause; ; pause = s_interval)
            {
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
                try
                {
                    await SweepAsync(s_age, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (error is not (OperationCanceledException or ObjectDisposedException))
                {
                    logger.LogWarning(error, "Blobs that have expired could not be deleted; the next attempt is in about {Time}.", s_interval); // it begins with the same entry
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The connection is closed.
        }
    }

    /// <summary>Deletes what is left of blobs without a mark.</summary>
    /// <param name="age">Younger entries are left alone.</param>
    /// <param name="cancellationToken">Cancels the sweep.</param>
    /// <returns>The number of streams that were deleted.</returns>
    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) => connection.RequestAsync(
        async (session, token) =>
        {
            int deleted = 0;
            var channel = await session.Requests.CreateChannelAsync(cancellationToken: token).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                long left = await channel.MessageCountAsync(connection.Names.BlobIndex, token).ConfigureAwait(false); // not those that are written again
                while (left-- > 0 && await channel.BasicGetAsync(connection.Names.BlobIndex, autoAck: false, token).ConfigureAwait(false) is { } entry)
                {
                    if (Now(connection) - TimeOf(entry) < age)
                    {
                        await channel.BasicNackAsync(entry.DeliveryTag, multiple: false, requeue: true, token).ConfigureAwait(false);
                        break;
                    }

                    string key = Encoding.ASCII.GetString(entry.Body.Span);
                    // No message reaches a mark whose broker is down. Looking it up is then an error, which ends the sweep.
                    if (await HasMarkAsync(key, token).ConfigureAwait(false)
                        || await BlobFormat.ExistsAsync(session.Requests, BlobFormat.Mark(connection.Names, key), token).ConfigureAwait(false))
                    {
                        await AddAsync(connection, key, token).ConfigureAwait(false);
                    }
                    else
                    {
                        await channel.QueueDeleteAsync(connection.Names.Blob(key), ifUnused: false, ifEmpty: false, noWait: false, token).ConfigureAwait(false);
                        deleted++;
                    }

                    await channel.BasicAckAsync(entry.DeliveryTag, multiple: false, token).ConfigureAwait(false);
                }
            }

            return deleted;
        },
        cancellationToken);

    private static DateTimeOffset Now(RabbitMQConnection connection) => connection.Options.TimeProvider.GetUtcNow();

    // An entry without a time is old.
    private static DateTimeOffset TimeOf(BasicGetResult entry) =>
        entry.BasicProperties.Headers?.TryGetValue(TimeHeader, out object? value) == true && value is long time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : DateTimeOffset.UnixEpoch;

    private async Task<bool> HasMarkAsync(string key, CancellationToken cancellationToken)
    {
        var probe = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = BlobFormat.Mark(connection.Names, key),
            Body = default,
            ExpiresAtOnce = true,
            MayBeUnroutable = true,
        };
        return await connection.PublishChunkAsync(probe, cancellationToken).ConfigureAwait(false) != PublishResult.Unroutable;
    }
}
