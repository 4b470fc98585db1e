using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Samovar.RabbitMQ.Consuming;
using Samovar.RabbitMQ.Publishing;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The two AMQP connections of a cluster connection and their channels, from one opening to the first failure of any of them.</summary>
internal sealed class Session
{
    private const int NotFound = 404;

    private readonly SessionParts _parts;
    private readonly BrokerAddress _address;
    private readonly BrokerLink _consumeLink;
    private readonly BrokerLink _publishLink;
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _loops = [];
    private ITimer? _deadlines;
    private PublishChannel? _taskChannel;
    private PublishChannel? _messageChannel;
    private InboxChannel? _inbox;
    private TaskChannel? _tasks;

    private Session(SessionParts parts, BrokerAddress address, BrokerLink consumeLink, BrokerLink publishLink, BrokerVersion version)
    {
        _parts = parts;
        _address = address;
        _consumeLink = consumeLink;
        _publishLink = publishLink;
        Version = version;
    }

    public BrokerVersion Version { get; }

    /// <summary>Completes with the cause when anything of the session has failed.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>Gets a token that is cancelled when the session has ended.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Gets the connection for requests, each on a channel of its own. A broker that is blocked still serves it.</summary>
    public IConnection Requests => _consumeLink.Connection;

    public TaskChannel Tasks => _tasks!; // set when it is open

    /// <summary>Opens a session at one of the brokers.</summary>
    /// <exception cref="ClusterConnectionException">No broker accepts it.</exception>
    public static Task<Session> OpenAsync(SessionParts parts, CancellationToken cancellationToken) =>
        parts.Rotation.OpenAsync(address => OpenAsync(parts, address, cancellationToken), cancellationToken);

    private static async Task<Session> OpenAsync(SessionParts parts, BrokerAddress address, CancellationToken cancellationToken)
    {
        string name = $"{parts.Member.Cluster}/{parts.Member.Name}";
        BrokerLink consumeLink = await BrokerLink.OpenAsync(address, parts.Options, $"{name} consume", parts.TimePerBroker, parts.Options.Heartbeat, cancellationToken).ConfigureAwait(false);
        BrokerLink? publishLink = null;
        Session? session = null;
        try
        {
            var version = new BrokerVersion(consumeLink.Connection.ServerProperties);
            if (!version.IsSupported)
                throw new ClusterConnectionException($"{version} at {address} is too old for a cluster. Use RabbitMQ 3.10 or later.");

            publishLink = await BrokerLink.OpenAsync(address, parts.Options, $"{name} publish", parts.TimePerBroker, null, cancellationToken).ConfigureAwait(false);
            session = new Session(parts, address, consumeLink, publishLink, version);
            await session.StartAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            if (session is not null)
            {
                await session.AbortAsync().ConfigureAwait(false);
            }
            else
            {
                await consumeLink.DisposeAsync().ConfigureAwait(false);
                if (publishLink is not null) await publishLink.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Ends the session. The first cause counts.</summary>
    public void Fail(Exception cause) => _failed.TrySetResult(cause);

    /// <summary>Closes the connections after what was settled has been sent.</summary>
    public async Task CloseAsync()
    {
        await Tasks.DisposeAsync().ConfigureAwait(false);
        if (_parts.Member.KeepsReplies || _parts.Replicates) await DeleteReplyBoxAsync().ConfigureAwait(false);
        End();
        await CleanUpAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the session at once.</summary>
    /// <returns>A task that completes when the client library has cleaned up, which can take some seconds.</returns>
    public Task AbortAsync()
    {
        End(); // first: it frees writers, for which the client library would wait
        _consumeLink.Sever();
        _publishLink.Sever();
        return CleanUpAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _consumeLink.Watch(Fail);
        _publishLink.Watch(Fail);
        var topology = new ClusterTopology(_parts.Names, _parts.Options);
        IChannel inbox = await _consumeLink.Connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        if (_parts.Member.IsObserver) await topology.CheckClusterAsync(inbox, _address.ToString(), cancellationToken).ConfigureAwait(false);
        else await topology.DeclareClusterAsync(inbox, cancellationToken).ConfigureAwait(false);
        await topology.DeclareReplyBoxAsync(inbox, _parts.ReplyBox, _parts.Member.KeepsReplies, _parts.Replicates, cancellationToken).ConfigureAwait(false);
        string broadcastQueue = await topology.DeclareBroadcastQueueAsync(inbox, _parts.Member.Audience, cancellationToken).ConfigureAwait(false);

        _publishLink.Connection.ConnectionBlockedAsync += (_, blocked) => SetBlocked(blocked.Reason);
        _publishLink.Connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(null);
        _taskChannel = await PublishChannel.OpenAsync(_publishLink, _parts.Tasks, Fail, cancellationToken).ConfigureAwait(false);
        _messageChannel = await PublishChannel.OpenAsync(_publishLink, _parts.Messages, Fail, cancellationToken).ConfigureAwait(false);

        IChannel tasks = await _consumeLink.Connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        _tasks = new TaskChannel(
            new TaskChannelParts(_parts.Names, _parts.Member.Name, Version, _parts.Receiver, _parts.Tasks, _parts.Credit, _parts.Options.TimeProvider, _parts.Logger, Fail),
            tasks, Ended);
        BrokerLink.Watch(tasks, Fail);
        _inbox = new InboxChannel(inbox, _parts.Receiver, Fail, Ended);
        BrokerLink.Watch(inbox, Fail);

        var watchdog = new ConsumptionWatchdog(_tasks, (queue, token) => ReadyMessagesAsync(_parts.Names.TaskQueues[queue], token), Fail, _parts.Options.TimeProvider, _parts.Logger);
        _loops.AddRange([watchdog.RunAsync(Ended), _taskChannel.RunAsync(Ended), _messageChannel.RunAsync(Ended), _tasks.RunAsync(), _inbox.RunAsync()]);
        await _inbox.SubscribeAsync(_parts.ReplyBox, broadcastQueue, ++_parts.LastSession, cancellationToken).ConfigureAwait(false);
        Task subscribed = _tasks.Credit.UpdateAsync(cancellationToken);
        if (await Task.WhenAny(subscribed, Failed).ConfigureAwait(false) == Failed) throw await Failed.ConfigureAwait(false); // the loop that subscribes has stopped
        await subscribed.ConfigureAwait(false);

        _parts.States.Connected(_address); // before anything is sent: the broker may block the connection at once
        _parts.Tasks.Attach(_taskChannel);
        _parts.Messages.Attach(_messageChannel);
        TimeSpan period = TimeSpan.FromMilliseconds(Math.Clamp(_parts.Options.ConfirmTimeout.TotalMilliseconds / 8, 10, 1000));
        _deadlines = _parts.Options.TimeProvider.CreateTimer(_ => CheckDeadlines(), null, period, period);
        if (Failed.IsCompleted) throw await Failed.ConfigureAwait(false);
    }

    /// <summary>Reads how many messages of a queue are not delivered. A queue that is missing ends the session, because the next one declares it.</summary>
    public async Task<long> ReadyMessagesAsync(string queue, CancellationToken cancellationToken)
    {
        IChannel channel = await Requests.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                return await channel.MessageCountAsync(queue, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == NotFound)
            {
                Fail(new IOException($"RabbitMQ has no queue '{queue}' any more.", error));
                throw;
            }
        }
    }

    private Task SetBlocked(string? reason)
    {
        _parts.Tasks.SetBlocked(reason is not null);
        _parts.Messages.SetBlocked(reason is not null);
        if (Failed.IsCompleted) return Task.CompletedTask;
        if (reason is null) _parts.States.Set(ClusterConnectionState.Connected);
        else _parts.States.Set(ClusterConnectionState.Blocked, new IOException($"RabbitMQ accepts no messages at the moment: {reason}."));
        return Task.CompletedTask;
    }

    private void CheckDeadlines()
    {
        TimeSpan limit = _parts.Options.ConfirmTimeout;
        if (_parts.Tasks.IsLate(limit) || _parts.Messages.IsLate(limit))
            Fail(new TimeoutException($"RabbitMQ has not confirmed a message for {limit.TotalSeconds} s."));
    }

    private async Task DeleteReplyBoxAsync()
    {
        try
        {
            IChannel channel = await Requests.CreateChannelAsync(cancellationToken: Ended).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
                await channel.QueueDeleteAsync(_parts.ReplyBox, ifUnused: false, ifEmpty: false, noWait: false, Ended).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Fail(error); // the box expires by itself
        }
    }

    private void End()
    {
        Fail(new IOException("The session was closed."));
        _ended.Cancel();
        if (_taskChannel is not null) _parts.Tasks.Detach(_taskChannel);
        if (_messageChannel is not null) _parts.Messages.Detach(_messageChannel);
    }

    private async Task CleanUpAsync()
    {
        if (_deadlines is not null) await _deadlines.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_consumeLink.DisposeAsync().AsTask(), _publishLink.DisposeAsync().AsTask()).ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(false); // each ends by the token
        _inbox?.Dispose();
        _tasks?.Stop();
    }
}
