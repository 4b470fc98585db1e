using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.RabbitMQ.Blobs;
using Samovar.RabbitMQ.Consuming;
using Samovar.RabbitMQ.DeadLetters;
using Samovar.RabbitMQ.Publishing;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Connections;

/// <summary>A connection to a cluster over RabbitMQ. What is sent waits in the publishers while there is no session.</summary>
internal sealed class RabbitMQConnection : ClusterConnection
{
    private const int HighestCredit = 10_000;

    private static readonly TimeSpan s_refusedPause = TimeSpan.FromMilliseconds(200);

    private readonly SessionParts _parts;
    private readonly ConnectionSupervisor _supervisor;
    private readonly ClusterBroker _broker;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _sweeps;
    private Task? _disposed; // gate

    private RabbitMQConnection(SessionParts parts, Session first)
    {
        _parts = parts;
        _broker = first.Version.Describe();
        _supervisor = new ConnectionSupervisor(parts, first);
        Index = new BlobIndex(this, parts.Logger);
        _sweeps = Index.RunAsync(_closing.Token);
    }

    public override string Address => _parts.ReplyBox;

    public override ClusterConnectionState State => _parts.States.State;

    public override ClusterBroker Broker => _broker;

    public ClusterNames Names => _parts.Names;

    public RabbitMQTransportOptions Options => _parts.Options;

    /// <summary>Gets whether the marks of blobs are replicated.</summary>
    public bool Replicates => _parts.Replicates;

    /// <summary>Gets the list of all blobs.</summary>
    public BlobIndex Index { get; }

    public static async Task<RabbitMQConnection> OpenAsync(
        BrokerAddresses addresses, RabbitMQTransportOptions options, ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken)
    {
        ILogger logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Samovar.RabbitMQ");
        var gate = new ReceiverGate(receiver, logger);
        var names = new ClusterNames(member.Cluster);
        var states = new StateNotifier(gate, logger, $"of {member.Name} to cluster {member.Cluster}", addresses.ToString());
        var parts = new SessionParts(addresses, options, member, names, names.CreateReplyBox(), gate, states, logger);
        try
        {
            return new RabbitMQConnection(parts, await Session.OpenAsync(parts, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await gate.CloseAsync().ConfigureAwait(false);
            await states.CloseAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    public override async ValueTask PublishAsync(TaskPriority priority, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        string queue = _parts.Names.TaskQueues[ClusterNames.IndexOf(priority)];
        RequireFits(body);
        long began = Options.TimeProvider.GetTimestamp();
        while (await _parts.Tasks.PublishAsync(
            new OutgoingMessage { Exchange = "", RoutingKey = queue, Body = body, MayBeRefused = true }, cancellationToken).ConfigureAwait(false) == PublishResult.Refused)
        {
            // A quorum queue that has no leader refuses messages too. It elects one within seconds.
            long waiting = await RequestAsync((session, token) => session.ReadyMessagesAsync(queue, token), cancellationToken).ConfigureAwait(false);
            if (waiting >= Options.MaxQueueLength || Options.TimeProvider.GetElapsedTime(began) >= Options.ConfirmTimeout)
                throw new QueueFullException(queue, Options.MaxQueueLength ?? (int)Math.Min(waiting, int.MaxValue));
            await Task.Delay(s_refusedPause, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        }
    }

    public override async ValueTask SetCreditAsync(int credit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(credit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(credit, HighestCredit);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        cancellationToken.ThrowIfCancellationRequested();
        _parts.Credit.Value = credit;
        Session session = _supervisor.Current;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        try
        {
            await session.Tasks.Credit.UpdateAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection)); // otherwise the next session begins with the value
        }
    }

    public override async ValueTask<bool> SendAsync(string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        RequireFits(body);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        if (!_parts.Names.IsReplyBox(address)) return false;
        var message = new OutgoingMessage { Exchange = "", RoutingKey = address, Body = body, MayBeUnroutable = true };
        return await _parts.Messages.PublishAsync(message, cancellationToken).ConfigureAwait(false) == PublishResult.Stored;
    }

    public override async ValueTask BroadcastAsync(ClusterAudience audience, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        string key = ClusterNames.RoutingKeyOf(audience);
        RequireFits(body);
        var message = new OutgoingMessage { Exchange = _parts.Names.Broadcast, RoutingKey = key, Body = body, NeedsNoConfirm = true };
        await _parts.Messages.PublishAsync(message, cancellationToken).ConfigureAwait(false);
    }

    public override Task PutBlobAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        BlobFormat.RequireKey(key);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        return BlobWriter.PutAsync(this, key, content, cancellationToken);
    }

    public override Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken = default)
    {
        BlobFormat.RequireKey(key);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        return BlobStream.OpenAsync(this, key, cancellationToken);
    }

    public override Task DeleteBlobAsync(string key, CancellationToken cancellationToken = default)
    {
        BlobFormat.RequireKey(key);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        return RequestAsync(
            (session, token) => BlobFormat.DeleteAsync(session.Requests, BlobFormat.Mark(Names, key), Names.Blob(key), token), cancellationToken);
    }

    public override Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        return RequestAsync(
            async (session, token) =>
            {
                string[] queues = [.. _parts.Names.TaskQueues, _parts.Names.DeadLetters];
                long[] counts = new long[queues.Length];
                for (int i = 0; i < queues.Length; i++) counts[i] = await session.ReadyMessagesAsync(queues[i], token).ConfigureAwait(false);
                return new ClusterQueueDepth(counts[0], counts[1], counts[2], counts[3]);
            },
            cancellationToken);
    }

    public override async Task<int> ReviewDeadLettersAsync(
        Func<ClusterDeadLetter, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decide);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(ClusterConnection));
        Session session = await _supervisor.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await new DeadLetterReview(session, _parts.Names, RetryAsync).RunAsync(decide, most, cancellationToken).ConfigureAwait(false);

        async Task RetryAsync(ClusterDeadLetter letter, CancellationToken token) => await PublishAsync(letter.Priority, letter.Body, token).ConfigureAwait(false);
    }

    /// <summary>Makes a request in a session that works, and again in the next one if the session fails meanwhile.</summary>
    public async Task<T> RequestAsync<T>(Func<Session, CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        while (true)
        {
            Session session = await _supervisor.WaitAsync(cancellationToken).ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
            try
            {
                return await request(session, either.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested
                && (session.Failed.IsCompleted || !session.Requests.IsOpen || error is OperationCanceledException or TimeoutException))
            {
                session.Fail(error); // no effect if it has failed; otherwise the broker did not answer in time
            }
        }
    }

    /// <summary>Makes a request without a result.</summary>
    public Task RequestAsync(Func<Session, CancellationToken, Task> request, CancellationToken cancellationToken) => RequestAsync<bool>(
        async (session, token) =>
        {
            await request(session, token).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public Task<PublishResult> PublishChunkAsync(OutgoingMessage chunk, CancellationToken cancellationToken) => _parts.Messages.PublishAsync(chunk, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposed ??= CloseAsync());
    }

    private bool IsDisposed
    {
        get
        {
            lock (_gate) return _disposed is not null;
        }
    }

    // Returned messages are published while the session closes, so the publishers close after it.
    private async Task CloseAsync()
    {
        await Task.Yield(); // the caller holds the gate
        await _closing.CancelAsync().ConfigureAwait(false);
        await _supervisor.DisposeAsync().ConfigureAwait(false);
        _parts.Tasks.Close();
        _parts.Messages.Close();
        await _parts.States.CloseAsync().ConfigureAwait(false);
        await _parts.Receiver.CloseAsync().ConfigureAwait(false);
        await _sweeps.ConfigureAwait(false);
    }

    private void RequireFits(ReadOnlyMemory<byte> body)
    {
        if (body.Length > _broker.LargestMessage)
            throw new ArgumentException($"The message has {body.Length} bytes; the largest has {_broker.LargestMessage}. Store a larger one as a blob.", nameof(body));
    }
}
