using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Samovar.RabbitMQ.Topology;

/// <summary>Declares what a cluster and its members need. Each declaration can be repeated.</summary>
internal sealed class ClusterTopology(ClusterNames names, RabbitMQTransportOptions options)
{
    /// <summary>RabbitMQ 4 drops a message that was delivered 20 times, unless its queue has a limit of its own. Reading the dead letters, or the list of blobs, delivers them; so does each interruption of the member with a reply box.</summary>
    private const int NoDeliveryLimit = int.MaxValue;

    private const int NotFound = 404;

    /// <summary>How long a replicated reply box that keeps no replies waits for its member. An exclusive queue would be locked until the other brokers have
    /// noticed that its broker is cut off.</summary>
    private static readonly TimeSpan s_reconnecting = TimeSpan.FromMinutes(1);

    /// <summary>Checks that the queues and the exchange exist.</summary>
    /// <exception cref="ClusterConnectionException">One of them does not.</exception>
    public async Task CheckClusterAsync(IChannel channel, string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            foreach (string queue in (string[])[.. names.TaskQueues, names.DeadLetters]) await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
            await channel.ExchangeDeclarePassiveAsync(names.Broadcast, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == NotFound)
        {
            throw new ClusterConnectionException(
                $"RabbitMQ at {endpoint} has no cluster '{names.Cluster}', or not all of its queues ({error.ShutdownReason.ReplyText}). Its first node or executor creates them. Compare the name of the cluster and the virtual host.",
                error);
        }
    }

    /// <summary>The task queues, the dead letters, the list of blobs and the exchange of the broadcasts.</summary>
    public async Task DeclareClusterAsync(IChannel channel, CancellationToken cancellationToken)
    {
        // Quorum queues, so that they are there while the broker is down on which they were created.
        foreach (string queue in (string[])[names.DeadLetters, names.BlobIndex])
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = NoDeliveryLimit }, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }

        foreach (string queue in names.TaskQueues)
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, TaskQueueArguments(), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }

        await channel.ExchangeDeclareAsync(names.Broadcast, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The reply box of a member. One that keeps replies, or is replicated, expires only while it has no consumer.</summary>
    public Task DeclareReplyBoxAsync(IChannel channel, string box, bool keepsReplies, bool isReplicated, CancellationToken cancellationToken) => isReplicated
        ? channel.QueueDeclareAsync(box, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-queue-type"] = "quorum",
                ["x-delivery-limit"] = NoDeliveryLimit,
                ["x-expires"] = Milliseconds(keepsReplies ? options.ReplyRetention : s_reconnecting),
            }, cancellationToken: cancellationToken)
        : keepsReplies
        ? channel.QueueDeclareAsync(box, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-expires"] = Milliseconds(options.ReplyRetention) }, cancellationToken: cancellationToken)
        : channel.QueueDeclareAsync(box, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);

    /// <summary>A queue of one session that receives the broadcasts to an audience.</summary>
    /// <returns>Its name, which is new each time: the broker may not have noticed yet that the session before is gone.</returns>
    public async Task<string> DeclareBroadcastQueueAsync(IChannel channel, ClusterAudience audience, CancellationToken cancellationToken)
    {
        string queue = $"{names.Broadcast}.{Guid.NewGuid():N}";
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (string key in ClusterNames.RoutingKeysFor(audience)) await channel.QueueBindAsync(queue, names.Broadcast, key, cancellationToken: cancellationToken).ConfigureAwait(false);
        return queue;
    }

    /// <summary>The longest time that x-expires takes is less than 2^32 ms.</summary>
    public static long Milliseconds(TimeSpan time) => (long)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, uint.MaxValue - 1d);

    // At-least-once dead-lettering needs reject-publish: a full queue must refuse messages, not drop them.
    private Dictionary<string, object?> TaskQueueArguments()
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = options.DeliveryLimit,
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-routing-key"] = names.DeadLetters,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };
        if (options.MaxQueueLength is { } length) arguments["x-max-length"] = length;
        return arguments;
    }
}
