using Samovar.Cluster.Protocol;

namespace Samovar;

/// <summary>Observes a cluster: finds out which nodes there are and what waits, asks nodes to leave, and looks after dead letters. It joins the cluster as
/// a member that submits and runs nothing.</summary>
/// <remarks>Thread-safe. The connection is restored when it is interrupted, and calls wait meanwhile.</remarks>
public sealed class ClusterMonitor : IAsyncDisposable
{
    /// <summary>The age from which a message is refused.</summary>
    private static readonly TimeSpan s_oldestMessage = TimeSpan.FromDays(7);

    private readonly TimeProvider _time;
    private readonly EnvelopeSeal _seal;
    private readonly Receiver _receiver;
    private readonly ClusterConnection _connection;

    private ClusterMonitor(TimeProvider time, EnvelopeSeal seal, Receiver receiver, ClusterConnection connection)
    {
        _time = time;
        _seal = seal;
        _receiver = receiver;
        _connection = connection;
    }

    /// <summary>Gets what the broker is and what it can do.</summary>
    public ClusterBroker Broker => _connection.Broker;

    /// <summary>Connects to a cluster, which must exist: its first node or executor creates it.</summary>
    /// <param name="transport">The transport of the cluster.</param>
    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="keys">The keys of the cluster; null if its members have none.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The connected monitor.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="transport"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="cluster"/> is not a valid name.</exception>
    /// <exception cref="InvalidOperationException">The messages of the transport leave this machine, and <paramref name="keys"/> is null.</exception>
    /// <exception cref="ClusterConnectionException">The connection failed, or there is no such cluster; the message says what to do.</exception>
    public static Task<ClusterMonitor> ConnectAsync(
        ClusterTransport transport, string cluster = "default", ClusterKeys? keys = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(transport, cluster, keys, TimeProvider.System, cancellationToken);

    internal static async Task<ClusterMonitor> ConnectAsync(
        ClusterTransport transport, string cluster, ClusterKeys? keys, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transport);
        KeyRequirement.Check(transport, keys, nameof(keys));
        var member = new ClusterMember(cluster, "monitor") { IsObserver = true };
        var id = Guid.NewGuid();
        var seal = new EnvelopeSeal(keys, cluster, id, ProgramBuild.Current, TimeProvider.System, s_oldestMessage);
        var receiver = new Receiver(seal, id, time);
        return new ClusterMonitor(time, seal, receiver, await transport.ConnectAsync(member, receiver, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks all members to report, and returns what has arrived after a while. A member that needs longer to answer is missing.</summary>
    /// <param name="wait">How long to wait for the answers, zero or more. A second is enough unless nodes are far away or overloaded; after 6 seconds each
    /// node has reported by itself.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The status.</returns>
    /// <exception cref="ObjectDisposedException">The monitor was disposed.</exception>
    public async Task<ClusterStatus> GetStatusAsync(TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        long began = _time.GetTimestamp();
        await _connection.BroadcastAsync(ClusterAudience.All, _seal.Seal(MessageKind.Hello, [1]), cancellationToken).ConfigureAwait(false); // the byte: owners answer too
        await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        return _receiver.Describe(began, await _connection.GetQueueDepthAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks a node to leave the cluster, as <see cref="ClusterNode.StopAsync"/> does: it takes no more tasks and completes those that it runs. Its
    /// program decides what it does then; <see cref="ClusterNode.RunAsync"/> returns.</summary>
    /// <param name="node">The node, as <see cref="GetStatusAsync"/> has reported it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>true when the node has the request; false if it is not connected any more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="node"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed.</exception>
    public async Task<bool> DrainAsync(ClusterNodeStatus node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        byte[] message = _seal.Seal(MessageKind.Drain, new DrainMessage(node.Id).Write().Written.Span);
        return await _connection.SendAsync(node.Address, message, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Passes the dead letters to a function that decides what becomes of each; see <see cref="ClusterConnection.ReviewDeadLettersAsync"/>.</summary>
    /// <param name="decide">Decides about a dead letter, and gets what it contains as far as it can be verified.</param>
    /// <param name="most">How many are passed at most; at least 1.</param>
    /// <param name="cancellationToken">Cancels the call. What was decided before stays decided.</param>
    /// <returns>The number of dead letters that were passed.</returns>
    /// <exception cref="QueueFullException">A letter could not be put into its task queue, which is full.</exception>
    /// <exception cref="ClusterConnectionException">The connection was interrupted. What was not decided stays.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed.</exception>
    public Task<int> ReviewDeadLettersAsync(
        Func<ClusterDeadLetter, ClusterMessageContent, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return _connection.ReviewDeadLettersAsync(letter => decide(letter, ClusterMessageContent.Read(letter.Body, _seal)), most, cancellationToken);
    }

    /// <summary>Leaves the cluster.</summary>
    /// <returns>A task that completes when the connection is closed.</returns>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Keeps the latest report of each member. Thread-safe.</summary>
    private sealed class Receiver(EnvelopeSeal seal, Guid self, TimeProvider time) : ClusterReceiver
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<Guid, (ClusterNodeStatus Status, long SeenAt)> _nodes = []; // gate
        private readonly Dictionary<Guid, long> _owners = []; // gate
        private int _refused; // gate
        private string? _refusalReason; // gate

        public ClusterStatus Describe(long since, ClusterQueueDepth queues)
        {
            lock (_gate)
            {
                var nodes = _nodes.Values.Where(node => node.SeenAt >= since).Select(static node => node.Status)
                    .OrderBy(static node => node.Name, StringComparer.Ordinal).ThenBy(static node => node.Id);
                return new ClusterStatus(queues, [.. nodes], _owners.Values.Count(seenAt => seenAt >= since)) { RefusedMessages = _refused, RefusalReason = _refusalReason };
            }
        }

        /// <summary>Returns a delivery: a monitor takes no tasks.</summary>
        public override void OnDelivery(ClusterDelivery delivery) => delivery.Return();

        public override void OnReply(ReadOnlyMemory<byte> message)
        {
            // No member sends anything to a monitor alone.
        }

        public override void OnBroadcast(ReadOnlyMemory<byte> message)
        {
            var verdict = seal.Open(message, out var envelope);
            if (verdict != EnvelopeVerdict.Valid)
            {
                Refuse(EnvelopeTexts.Of(verdict, message.Span));
                return;
            }

            if (envelope.Sender == self) return;
            try
            {
                if (envelope.Kind == MessageKind.Beacon) Note(envelope, BeaconMessage.Read(envelope.Body));
                else if (envelope.Kind == MessageKind.Alive) NoteOwner(envelope.Sender);
            }
            catch (MessageFormatException error)
            {
                Refuse(error.Message);
            }
        }

        public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
        {
            // Calls wait while the connection is interrupted.
        }

        private void Note(Envelope envelope, BeaconMessage beacon)
        {
            lock (_gate)
            {
                if (beacon.State == NodeState.Gone)
                {
                    _nodes.Remove(envelope.Sender);
                    return;
                }

                var status = new ClusterNodeStatus(
                    beacon.Name, beacon.State == NodeState.Draining, beacon.Workers, beacon.Running, beacon.Held, envelope.Build.ToString());
                _nodes[envelope.Sender] = (status with { Id = envelope.Sender, Address = beacon.Address, Resources = [.. beacon.Resources.Select(static one => one.Statistics)] }, time.GetTimestamp());
            }
        }

        private void NoteOwner(Guid owner)
        {
            lock (_gate) _owners[owner] = time.GetTimestamp();
        }

        private void Refuse(string reason)
        {
            lock (_gate)
            {
                _refused++;
                _refusalReason = reason;
            }
        }
    }
}
