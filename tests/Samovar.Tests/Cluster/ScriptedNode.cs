using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;

namespace Samovar.Tests.Cluster;

/// <summary>A member that sends the messages of a node when a test says so, and answers nothing by itself.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly EnvelopeSeal _seal;
    private readonly RecordingReceiver _receiver;
    private readonly ClusterConnection _connection;
    private readonly ClusterConnection _owner;

    private ScriptedNode(Guid id, RecordingReceiver receiver, ClusterConnection connection, ClusterConnection owner)
    {
        Id = id;
        _seal = new EnvelopeSeal(null, "default", id, ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        _receiver = receiver;
        _connection = connection;
        _owner = owner;
    }

    public Guid Id { get; }

    /// <summary>Connects a node to the cluster of a test, whose executor is connected.</summary>
    public static async Task<ScriptedNode> ConnectAsync(ClusterUnderTest cluster, string name)
    {
        await cluster.Executor.ConnectAsync();
        var receiver = new RecordingReceiver();
        var connection = await cluster.Transport.ConnectAsync(new ClusterMember("default", name) { Audience = ClusterAudience.Nodes }, receiver);
        return new ScriptedNode(Guid.NewGuid(), receiver, connection, cluster.Transport.Of("owner"));
    }

    /// <summary>Takes messages from the task queues, and waits until there are so many.</summary>
    public async Task ReceiveTasksAsync(int count)
    {
        await _connection.SetCreditAsync(10);
        await _receiver.DeliveriesAsync(count);
    }

    /// <summary>Claims attempts of the executor.</summary>
    public Task ClaimAsync(params TaskKey[] keys) => SendAsync(MessageKind.Claim, new ClaimMessage(1, "scripted", _connection.Address, keys).Write());

    /// <summary>Reports that attempts of the executor run here.</summary>
    public Task ReportAsync(params TaskKey[] keys) =>
        SendAsync(MessageKind.Running, new RunningMessage(_connection.Address, [.. keys.Select(static key => (key, 0))]).Write());

    public Task ReportRedeliveredAsync(params TaskKey[] keys) => SendAsync(MessageKind.Redelivered, KeysMessage.Write(keys));

    public Task ReportResultAsync(ResultEntry result) => SendAsync(MessageKind.Results, new ResultsMessage(_connection.Address, [result]).Write());

    public Task BroadcastAsync(BeaconMessage beacon) =>
        _connection.BroadcastAsync(ClusterAudience.Executors, _seal.Seal(MessageKind.Beacon, beacon.Write().Written.Span)).AsTask();

    public BeaconMessage Beacon(int workers, int running, int held) => new("scripted", _connection.Address, NodeState.Accepting, workers, running, held);

    /// <summary>Waits until so many messages of a kind have arrived from the executor, and returns their bodies.</summary>
    public async Task<List<ReadOnlyMemory<byte>>> MessagesAsync(MessageKind kind, int count = 1)
    {
        List<ReadOnlyMemory<byte>> bodies = [];
        await TestTimeout.UntilAsync(() => (bodies = BodiesOf(kind)).Count >= count, $"{count} messages {kind}");
        return bodies;
    }

    /// <summary>Returns how many messages of a kind have arrived.</summary>
    public int CountOf(MessageKind kind) => BodiesOf(kind).Count;

    /// <summary>Leaves the cluster, so that no task runs here any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await BroadcastAsync(Beacon(1, 0, 0) with { State = NodeState.Gone });
        await _connection.DisposeAsync();
    }

    private List<ReadOnlyMemory<byte>> BodiesOf(MessageKind kind)
    {
        List<ReadOnlyMemory<byte>> bodies = [];
        foreach (byte[] message in _receiver.Replies)
        {
            if (_seal.Open(message, out var envelope) == EnvelopeVerdict.Valid && envelope.Kind == kind) bodies.Add(envelope.Body);
        }

        return bodies;
    }

    private async Task SendAsync(MessageKind kind, MessageWriter body) =>
        (await _connection.SendAsync(_owner.Address, _seal.Seal(kind, body.Written.Span))).ShouldBeTrue();
}
