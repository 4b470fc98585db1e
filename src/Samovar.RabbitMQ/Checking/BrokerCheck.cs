using System.Diagnostics;
using System.Globalization;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Checking;

/// <summary>Checks step by step whether a cluster can use a broker. A step that fails and that later ones need is the last one. What it creates on the
/// broker has names of its own, and is deleted again. Of several brokers, each must accept a connection and belong to the same cluster of brokers; the first one
/// that does is checked.</summary>
/// <param name="addresses">The brokers.</param>
/// <param name="options">The options of the transport.</param>
internal sealed class BrokerCheck(BrokerAddresses addresses, RabbitMQTransportOptions options)
{
    private const int RoundTrips = 50;
    private const int Discarded = 10; // these include the first write of the queue's files
    private const int MessageSize = 1024;
    private const int AccessRefused = 403;
    private const int NotAllowed = 530;

    /// <summary>After which time the broker deletes a queue that a check which was interrupted has left.</summary>
    private static readonly TimeSpan s_expiry = TimeSpan.FromMinutes(1);

    private readonly List<BrokerFinding> _findings = [];
    private BrokerAddress _checked = addresses.All[0];
    private readonly string _queue = $"samovar.doctor.{Guid.NewGuid():N}";

    public async Task<IReadOnlyList<BrokerFinding>> RunAsync(CancellationToken cancellationToken)
    {
        var links = new List<BrokerLink>();
        try
        {
            foreach (var address in addresses.All)
            {
                if (await ConnectAsync(address, cancellationToken).ConfigureAwait(false) is not { } link) continue;
                if (links.Count == 0) _checked = address;
                links.Add(link);
                AddConnected(address, BrokerCheckKind.VirtualHost);
            }

            if (links.Count > 0) await CheckAsync(links, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var link in links) await link.DisposeAsync().ConfigureAwait(false);
        }

        return _findings;
    }

    private async Task CheckAsync(List<BrokerLink> links, CancellationToken cancellationToken)
    {
        if (addresses.All.Count > 1) CheckSameCluster(links);
        var link = links[0];
        var version = new BrokerVersion(link.Connection.ServerProperties);
        Add(BrokerCheckKind.Version, version.IsSupported, version.IsSupported ? $"{version}" : $"{version} is too old for a cluster. Use RabbitMQ 3.10 or later.");
        if (!version.IsSupported) return;
        await CheckQueuesAsync(link.Connection, cancellationToken).ConfigureAwait(false);
        Add(BrokerCheckKind.ConsumerTimeout, version.HasConsumerTimeout, $"{version}; version 3.12 introduced it");
        Add(BrokerCheckKind.FreeReturns, version.ReturnsAreFree, $"{version}; version 4.3 introduced it");
    }

    /// <summary>Compares the names of the clusters of brokers, which each broker reports when a connection opens.</summary>
    private void CheckSameCluster(List<BrokerLink> links)
    {
        string[] names = [.. links.Select(static link => BrokerVersion.Text(link.Connection.ServerProperties, "cluster_name") ?? "").Distinct(StringComparer.Ordinal)];
        Add(BrokerCheckKind.SameCluster, names.Length == 1, names.Length == 1
            ? $"'{names[0]}'"
            : $"the addresses lead to different ones: {string.Join(", ", names.Select(static name => $"'{name}'"))}. Members that use different ones do not see each other: name the brokers of one.");
    }

    private async Task<BrokerLink?> ConnectAsync(BrokerAddress address, CancellationToken cancellationToken)
    {
        BrokerLink? link = null;
        try
        {
            link = await BrokerLink.OpenAsync(address, options, "samovar doctor", options.ConnectTimeout, null, cancellationToken).ConfigureAwait(false);
            IChannel channel = await link.Connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false); // only this shows a missing virtual host
            await channel.DisposeAsync().ConfigureAwait(false);
            return link;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
            AddConnectFailure(address, error);
            return null;
        }
    }

    private void Add(BrokerCheckKind kind, bool isPresent, string detail) => _findings.Add(new BrokerFinding(kind, isPresent, detail));

    /// <summary>Adds the steps of opening a connection up to one that has succeeded.</summary>
    private void AddConnected(BrokerAddress address, BrokerCheckKind last)
    {
        Add(BrokerCheckKind.Reachable, true, address.ToString());
        if (last >= BrokerCheckKind.Login) Add(BrokerCheckKind.Login, true, $"user '{address.User}'");
        if (last >= BrokerCheckKind.VirtualHost) Add(BrokerCheckKind.VirtualHost, true, $"'{address.VirtualHost}'");
    }

    private void AddConnectFailure(BrokerAddress address, Exception error)
    {
        string described = ConnectErrors.Describe(error, address).Message;
        Exception[] causes = [.. ConnectErrors.Causes(error)];
        if (causes.Any(static cause => cause is AuthenticationFailureException or PossibleAuthenticationFailureException))
        {
            AddConnected(address, BrokerCheckKind.Reachable);
            Add(BrokerCheckKind.Login, false, described);
        }
        else if (!causes.Any(static cause => cause is AuthenticationException)
            && causes.OfType<OperationInterruptedException>().Any(static cause => cause.ShutdownReason?.ReplyCode is NotAllowed or AccessRefused))
        {
            AddConnected(address, BrokerCheckKind.Login);
            Add(BrokerCheckKind.VirtualHost, false, described);
        }
        else
        {
            Add(BrokerCheckKind.Reachable, false, described);
        }
    }

    private async Task CheckQueuesAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (!await TryAsync(connection, BrokerCheckKind.Permissions, CheckPermissionsAsync, cancellationToken).ConfigureAwait(false)) return;
        if (await TryAsync(connection, BrokerCheckKind.QuorumQueues, CheckQuorumAsync, cancellationToken).ConfigureAwait(false))
            await TryAsync(connection, BrokerCheckKind.Confirms, MeasureConfirmsAsync, cancellationToken).ConfigureAwait(false);
        await TryAsync(connection, BrokerCheckKind.Streams, CheckStreamAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a step on a channel of its own, which the broker closes if the step fails.</summary>
    private async Task<bool> TryAsync(IConnection connection, BrokerCheckKind kind, Func<IChannel, CancellationToken, Task<string>> check, CancellationToken cancellationToken)
    {
        try
        {
            var channelOptions = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
            IChannel channel = await connection.CreateChannelAsync(channelOptions, cancellationToken).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false)) Add(kind, true, await check(channel, cancellationToken).ConfigureAwait(false));
            return true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Add(kind, false, ConnectErrors.Describe(error, _checked).Message);
            return false;
        }
    }

    /// <summary>What each member does when it connects: a queue of its own, an exchange, and the queue bound to it.</summary>
    private async Task<string> CheckPermissionsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(_queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(_queue, ExchangeType.Fanout, durable: false, autoDelete: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(_queue, _queue, routingKey: "", cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.BasicPublishAsync(_queue, routingKey: "", mandatory: true, new byte[1], cancellationToken).ConfigureAwait(false);
        if (await channel.BasicGetAsync(_queue, autoAck: true, cancellationToken).ConfigureAwait(false) is null) throw new IOException("A message that was published did not arrive in its queue.");
        await channel.QueueDeleteAsync(_queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken).ConfigureAwait(false); // and with it the exchange
        return $"user '{_checked.User}' may create, write and read queues that begin with 'samovar.'";
    }

    private async Task<string> CheckQuorumAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = options.DeliveryLimit,
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-routing-key"] = $"{_queue}.dead",
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
            ["x-expires"] = ClusterTopology.Milliseconds(s_expiry),
        };
        await channel.QueueDeclareAsync($"{_queue}.tasks", durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        return "one with the arguments of a task queue was created";
    }

    /// <summary>Publishes one message after the other, then reads and acknowledges all of them, and deletes the queue.</summary>
    private async Task<string> MeasureConfirmsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        string queue = $"{_queue}.tasks";
        var properties = new BasicProperties { Persistent = true };
        var taken = new List<TimeSpan>(RoundTrips);
        for (int i = 0; i < RoundTrips; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await channel.BasicPublishAsync("", queue, mandatory: true, properties, new byte[MessageSize], cancellationToken).ConfigureAwait(false);
            if (i >= Discarded) taken.Add(Stopwatch.GetElapsedTime(began));
        }

        for (int i = 0; i < RoundTrips; i++)
        {
            var message = await channel.BasicGetAsync(queue, autoAck: false, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException($"{RoundTrips} messages were confirmed, but the queue has only {i} of them.");
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
        }

        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        taken.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"a durable message takes {taken[taken.Count / 2].TotalMilliseconds:0.0} ms in the median, the slowest of {taken.Count} {taken[^1].TotalMilliseconds:0.0} ms");
    }

    private async Task<string> CheckStreamAsync(IChannel channel, CancellationToken cancellationToken)
    {
        string queue = $"{_queue}.blob";
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "stream", ["x-max-age"] = "1m" };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        return "one was created";
    }
}
