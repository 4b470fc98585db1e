using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Samovar.Cli;
using Samovar.Cli.Tests;
using Samovar.RabbitMQ.Connections;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Transports with several addresses, and replicated reply boxes. The addresses are those of proxies to one broker.</summary>
public sealed class SeveralBrokersTests
{
    private readonly string _cluster = $"several-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task A_connection_goes_on_to_the_next_broker_when_its_own_does_not_answer()
    {
        await using var first = new CuttingProxy(SharedServer.Server.Port);
        await using var second = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        var options = new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.FromSeconds(1), Heartbeat = TimeSpan.FromMinutes(10) };
        await using var owner = await ConnectAsync($"{UriOf(first)},{UriOf(second)}", receiver, options, keepsReplies: true);
        var (own, other) = first.Accepted > 0 ? (first, second) : (second, first);
        other.Accepted.ShouldBe(0);

        own.Stall(); // as a network that is cut: nothing is closed, and the broker still has the old subscription
        await owner.PublishAsync(TaskPriority.Normal, new byte[] { 1 }).AsTask().WaitAsync(TestTimeout.Wait);

        other.Accepted.ShouldBe(2);
        own.Accepted.ShouldBe(2);
        await using var node = await ConnectAsync(SharedServer.Server.Uri, new RecordingReceiver());
        for (int i = 0; i < 20; i++) (await node.SendAsync(owner.Address, Encoding.UTF8.GetBytes($"{i}"))).ShouldBeTrue();
        (await receiver.RepliesAsync(20)).Select(static reply => Encoding.UTF8.GetString(reply)).ShouldBe(Enumerable.Range(0, 20).Select(static i => $"{i}"));
    }

    [ProcessFact]
    public async Task A_broker_that_is_absent_is_passed_over()
    {
        string absent = RabbitMQServer.UriFor(FreePort());

        for (int i = 0; i < 4; i++) // the order is random
        {
            await using var member = await ConnectAsync($"{absent},{SharedServer.Server.Uri},{absent}", new RecordingReceiver());
            await member.PublishAsync(TaskPriority.Normal, new byte[] { 1 });
        }
    }

    [ProcessFact]
    public async Task If_no_broker_can_be_used_the_error_has_the_reason_of_each()
    {
        int port = FreePort();
        string wrong = $"amqp://guest:s3cret-value@127.0.0.1:{SharedServer.Server.Port}/";

        var error = await Should.ThrowAsync<ClusterConnectionException>(() => ConnectAsync($"{RabbitMQServer.UriFor(port)},{wrong}", new RecordingReceiver()));

        string[] lines = error.Message.Split('\n');
        lines[0].ShouldBe("None of 2 brokers can be used:");
        lines.ShouldContain(line => line.StartsWith($"  RabbitMQ at amqp://guest@127.0.0.1:{port}/%2F cannot be reached: Connection refused.", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith($"  RabbitMQ at amqp://guest@127.0.0.1:{SharedServer.Server.Port}/%2F refused the password of user 'guest'", StringComparison.Ordinal));
        error.ToString().ShouldNotContain("s3cret-value");
    }

    [ProcessFact]
    public async Task Brokers_share_the_time_for_connecting()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string uri = RabbitMQServer.UriFor(((IPEndPoint)silent.LocalEndpoint).Port);

        var error = await Should.ThrowAsync<ClusterConnectionException>(() => ConnectAsync($"{uri},{uri}", new RecordingReceiver(), new() { ConnectTimeout = TimeSpan.FromSeconds(1) }));

        error.Message.ShouldContain("no answer within 0.5 s.");
    }

    [ProcessFact]
    public async Task Reply_boxes_and_marks_of_blobs_are_replicated_if_there_are_several_addresses()
    {
        string uri = SharedServer.Server.Uri;
        await using (var owner = await ConnectAsync($"{uri},{uri}", new RecordingReceiver(), keepsReplies: true))
        await using (var node = await ConnectAsync(uri, new RecordingReceiver(), new() { ReplicatesReplies = true }))
        await using (var single = await ConnectAsync(uri, new RecordingReceiver(), keepsReplies: true))
        await using (var unreplicated = await ConnectAsync($"{uri},{uri}", new RecordingReceiver(), new() { ReplicatesReplies = false }, keepsReplies: true))
        {
            await owner.PutBlobAsync("key", new MemoryStream([1, 2]));
            await single.PutBlobAsync("key", new MemoryStream([1, 2])); // exists
            await single.PutBlobAsync("other", new MemoryStream([1, 2]));

            var types = await QueueTypesAsync();
            types[owner.Address].ShouldBe("quorum");
            types[node.Address].ShouldBe("quorum");
            types[single.Address].ShouldBe("classic");
            types[unreplicated.Address].ShouldBe("classic");
            types[$"samovar.{_cluster}.blob.key.complete"].ShouldBe("quorum");
            types[$"samovar.{_cluster}.blob.other.complete"].ShouldBe("classic");
        }

        (await QueueTypesAsync()).Keys.ShouldNotContain(static queue => queue.Contains(".reply.", StringComparison.Ordinal));
    }

    [ProcessFact]
    public async Task A_replicated_mark_of_a_blob_expires_and_its_stream_is_swept()
    {
        await using var shortly = await ConnectAsync(SharedServer.Server.Uri, new RecordingReceiver(), new() { ReplicatesReplies = true, BlobRetention = TimeSpan.FromSeconds(1) });
        await using var member = await ConnectAsync(SharedServer.Server.Uri, new RecordingReceiver(), new() { ReplicatesReplies = true });
        await member.PutBlobAsync("kept", new MemoryStream([1, 2, 3]));
        await shortly.PutBlobAsync("expired", new MemoryStream([4]));
        while ((await QueueTypesAsync()).ContainsKey($"samovar.{_cluster}.blob.expired.complete")) continue; // each look takes about half a second

        var index = ((RabbitMQConnection)member).Index;
        (await index.SweepAsync(TimeSpan.Zero, CancellationToken.None)).ShouldBe(1);

        (await member.OpenBlobAsync("expired")).ShouldBeNull();
        await using var kept = (await member.OpenBlobAsync("kept")).ShouldNotBeNull();
        byte[] content = new byte[3];
        await kept.ReadExactlyAsync(content);
        content.ShouldBe([1, 2, 3]);
    }

    [ProcessFact]
    public async Task A_broadcast_does_not_wait_for_its_confirm()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(UriOf(proxy), receiver, new() { ConfirmTimeout = TimeSpan.FromSeconds(1), Heartbeat = TimeSpan.FromMinutes(10) });

        proxy.Stall();
        for (int i = 0; i < 3; i++) await member.BroadcastAsync(ClusterAudience.All, new byte[] { 1 }).AsTask().WaitAsync(TestTimeout.Wait);

        (await TestTimeout.HoldsAsync(() => member.State != ClusterConnectionState.Connected, TimeSpan.FromSeconds(3))).ShouldBeFalse("broadcasts have no deadline");
        proxy.Resume();
        await receiver.BroadcastsAsync(3);
    }

    [ProcessFact]
    public async Task The_doctor_checks_each_address_and_that_they_belong_together()
    {
        await using var stranger = await RabbitMQServer.StartAsync();
        string uri = SharedServer.Server.Uri;

        var same = await DoctorAsync($"{uri},{uri}");
        var different = await DoctorAsync($"{uri},{stranger.Uri}");
        var absent = await DoctorAsync($"{RabbitMQServer.UriFor(1)},{uri}");

        same.ExitCode.ShouldBe(ExitCode.Success, same.Output);
        Features(same).Count(static one => one.Name == "reachable").ShouldBe(2);
        different.ExitCode.ShouldBe(ExitCode.Unfit, different.Output);
        Features(different).Single(static one => one.Name == "same-cluster").Detail.ShouldStartWith("the addresses lead to different ones: ");
        absent.ExitCode.ShouldBe(ExitCode.NoAnswer, absent.Output);
        Features(absent).Last().Name.ShouldBe("free-returns"); // the other one was checked
    }

    private static Task<ToolRun> DoctorAsync(string uris) => ToolRun.ToolAsync("doctor", "--json", "--broker", uris);

    private static List<(string Name, string Detail)> Features(ToolRun doctor) =>
        [.. JsonElement.Parse(doctor.Output).GetProperty("features").EnumerateArray().Select(static one => (one.GetProperty("name").GetString()!, one.GetProperty("detail").GetString()!))];

    private static string UriOf(CuttingProxy proxy) => RabbitMQServer.UriFor(proxy.Port);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<ClusterConnection> ConnectAsync(string uris, RecordingReceiver receiver, RabbitMQTransportOptions? options = null, bool keepsReplies = false) =>
        new RabbitMQTransport(uris, options).ConnectAsync(new ClusterMember(_cluster, "member") { KeepsReplies = keepsReplies }, receiver);

    private async Task<Dictionary<string, string>> QueueTypesAsync() =>
        (await SharedServer.Server.ControlAsync("list_queues", "--no-table-headers", "name", "type")).Split('\n')
            .Select(static line => line.Trim().Split('\t')).Where(words => words[0].StartsWith($"samovar.{_cluster}.", StringComparison.Ordinal))
            .ToDictionary(static words => words[0], static words => words[1].Replace("rabbit_", "", StringComparison.Ordinal).Replace("_queue", "", StringComparison.Ordinal), StringComparer.Ordinal);
}
