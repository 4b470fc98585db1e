using System.Text;
using Microsoft.Extensions.Logging;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Connections through a proxy that cuts and stalls them.</summary>
public sealed class InterruptionTests
{
    private readonly string _cluster = $"cuts-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task A_cut_connection_is_restored_and_what_was_delivered_is_lost_and_comes_again()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(proxy.Port, receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));
        var lost = (await receiver.DeliveriesAsync(1))[0];
        string address = member.Address;

        proxy.Cut();

        var again = (await receiver.DeliveriesAsync(2))[1];
        lost.IsLost.ShouldBeTrue();
        lost.Acknowledge(); // without effect
        lost.DeadLetter("without effect");
        again.PreviousDeliveries.ShouldBe(1);
        again.Acknowledge();
        await TestTimeout.UntilAsync(() => member.State == ClusterConnectionState.Connected);
        member.Address.ShouldBe(address);
        receiver.States.Select(static change => change.State).ShouldBe([ClusterConnectionState.Interrupted, ClusterConnectionState.Connected]);
        receiver.States[0].Cause.ShouldNotBeNull();
        (await member.SendAsync(address, Bytes("reply"))).ShouldBeTrue();
        (await receiver.RepliesAsync(1)).Select(Text).ShouldBe(["reply"]);
        await member.BroadcastAsync(ClusterAudience.All, Bytes("news"));
        await receiver.BroadcastsAsync(1);
        (await member.GetQueueDepthAsync()).ShouldBe(new ClusterQueueDepth(0, 0, 0, 0));
    }

    [ProcessFact]
    public async Task Everything_that_is_published_while_connections_are_cut_arrives()
    {
        const int Count = 3000;
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver { Delivered = static delivery => delivery.Acknowledge() };
        await using var consumer = await ConnectAsync(proxy.Port, receiver);
        await using var publisher = await ConnectAsync(proxy.Port, new RecordingReceiver());
        await consumer.SetCreditAsync(100);

        var published = Enumerable.Range(0, Count).Select(i => publisher.PublishAsync(TaskPriority.Normal, Bytes($"{i}")).AsTask()).ToArray();
        for (int cut = 1; cut <= 5; cut++)
        {
            int until = cut * Count / 8;
            await TestTimeout.UntilAsync(() => receiver.Deliveries.Count >= until);
            proxy.Cut();
        }

        await Task.WhenAll(published).WaitAsync(TestTimeout.Wait);
        await TestTimeout.UntilAsync(() => receiver.Deliveries.Select(static delivery => Text(delivery.Body)).Distinct().Count() == Count);
        await TestTimeout.UntilAsync(() => consumer.State == ClusterConnectionState.Connected);
    }

    [ProcessFact]
    public async Task A_stalled_connection_is_noticed_by_the_deadline_of_a_confirm()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        var options = new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(1), Heartbeat = TimeSpan.FromMinutes(10) };
        await using var member = await ConnectAsync(proxy.Port, receiver, options);

        proxy.Stall();
        var pending = Enumerable.Range(0, 200).Select(_ => member.PublishAsync(TaskPriority.Normal, new byte[50_000]).AsTask()).ToArray(); // more than the buffers take
        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        proxy.Resume();
        proxy.Cut(); // an exclusive reply box is free when the broker notices that its connection is gone

        await Task.WhenAll(pending).WaitAsync(TestTimeout.Wait);
        receiver.States[0].Cause.ShouldBeOfType<TimeoutException>().Message.ShouldContain("has not confirmed");
        (await member.GetQueueDepthAsync()).Normal.ShouldBeGreaterThanOrEqualTo(200);
    }

    [ProcessFact]
    public async Task A_stalled_connection_without_traffic_is_noticed_by_the_heartbeat()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        var options = new RabbitMQTransportOptions { Heartbeat = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(1) };
        await using var member = await ConnectAsync(proxy.Port, receiver, options);

        proxy.Stall();
        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        proxy.Resume();
        proxy.Cut();

        await TestTimeout.UntilAsync(() => member.State == ClusterConnectionState.Connected);
        (await member.SendAsync(member.Address, Bytes("reply"))).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_connection_that_is_closed_by_an_operator_is_restored()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(SharedServer.Server.Port, receiver);
        string connections = await SharedServer.Server.ControlAsync("list_connections", "pid", "client_properties");
        string[] own = [.. connections.Split('\n').Where(line => line.Contains(_cluster, StringComparison.Ordinal)).Select(static line => line.Split('\t')[0])];
        own.Length.ShouldBe(2);

        foreach (string pid in own) await SharedServer.Server.ControlAsync("close_connection", pid, "by an operator");

        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        receiver.States[0].Cause!.Message.ShouldContain("by an operator");
        await TestTimeout.UntilAsync(() => member.State == ClusterConnectionState.Connected);
        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));
    }

    [ProcessFact]
    public async Task Replies_to_a_member_that_keeps_them_wait_while_it_is_interrupted()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var owner = await ConnectAsync(proxy.Port, receiver, keepsReplies: true);
        await using var node = await ConnectAsync(SharedServer.Server.Port, new RecordingReceiver());

        proxy.Stall(); // what follows waits in the box, or in the stalled connection
        for (int i = 0; i < 10; i++) (await node.SendAsync(owner.Address, Bytes($"{i}"))).ShouldBeTrue();
        proxy.Cut();
        for (int i = 10; i < 20; i++) (await node.SendAsync(owner.Address, Bytes($"{i}"))).ShouldBeTrue();
        proxy.Resume();

        await TestTimeout.UntilAsync(() => receiver.Replies.Select(Text).Distinct().Count() == 20);
    }

    [ProcessFact]
    public async Task Replies_to_a_member_that_does_not_keep_them_are_refused_when_it_is_gone()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        await using var member = await ConnectAsync(proxy.Port, new RecordingReceiver());
        await using var sender = await ConnectAsync(SharedServer.Server.Port, new RecordingReceiver());

        proxy.Stall();
        proxy.Cut();

        string address = member.Address;
        bool arrives = true;
        await TestTimeout.UntilAsync(() => !arrives || !(arrives = SendAsync().IsCompletedSuccessfully));
        async Task SendAsync()
        {
            if (!await sender.SendAsync(address, Bytes("reply"))) arrives = false;
        }
    }

    [ProcessFact]
    public async Task A_queue_that_is_deleted_is_declared_again()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(SharedServer.Server.Port, receiver);
        await SharedServer.Server.ControlAsync("delete_queue", $"samovar.{_cluster}.tasks");

        await member.PublishAsync(TaskPriority.Normal, Bytes("work")).AsTask().WaitAsync(TestTimeout.Wait);

        await member.SetCreditAsync(1);
        Text((await receiver.DeliveriesAsync(1))[0].Body).ShouldBe("work");
        receiver.States[0].Cause!.Message.ShouldContain($"has no queue 'samovar.{_cluster}.tasks'");

        await SharedServer.Server.ControlAsync("delete_queue", $"samovar.{_cluster}.tasks"); // with a consumer
        await TestTimeout.UntilAsync(() => receiver.States.Count(static change => change.State == ClusterConnectionState.Connected) == 2);
        await member.PublishAsync(TaskPriority.Normal, Bytes("more"));
        Text((await receiver.DeliveriesAsync(2))[1].Body).ShouldBe("more");
    }

    [ProcessFact]
    public async Task Reading_the_depth_of_a_queue_that_was_deleted_declares_it_again()
    {
        await using var member = await ConnectAsync(SharedServer.Server.Port, new RecordingReceiver());
        await SharedServer.Server.ControlAsync("delete_queue", $"samovar.{_cluster}.tasks.low");

        (await member.GetQueueDepthAsync().WaitAsync(TestTimeout.Wait)).ShouldBe(new ClusterQueueDepth(0, 0, 0, 0));
    }

    [ProcessFact]
    public async Task A_blob_is_stored_and_read_through_interruptions()
    {
        byte[] content = new byte[6 * 1024 * 1024];
        new Random(5).NextBytes(content);
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(proxy.Port, receiver);
        var source = new CuttingStream(content, proxy);

        await member.PutBlobAsync("key", source).WaitAsync(TestTimeout.Wait);

        await using var blob = (await member.OpenBlobAsync("key")).ShouldNotBeNull();
        byte[] copy = new byte[content.Length];
        await blob.ReadExactlyAsync(copy.AsMemory(0, 300_000));
        proxy.Cut();
        await blob.ReadExactlyAsync(copy.AsMemory(300_000, 3_000_000));
        proxy.Cut();
        await blob.ReadExactlyAsync(copy.AsMemory(3_300_000));
        copy.ShouldBe(content);
        receiver.States.ShouldContain(static change => change.State == ClusterConnectionState.Interrupted);
    }

    [ProcessFact]
    public async Task A_blob_that_is_not_read_to_its_end_does_not_disturb_the_connection()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(SharedServer.Server.Port, receiver);
        await member.PutBlobAsync("key", new MemoryStream(new byte[8 * 1024 * 1024]));

        for (int i = 0; i < 5; i++)
        {
            await using var blob = (await member.OpenBlobAsync("key")).ShouldNotBeNull();
            await blob.ReadExactlyAsync(new byte[300_000 * i]);
        }

        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));
        receiver.States.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_blob_whose_stream_was_deleted_fails_when_it_is_read()
    {
        await using var member = await ConnectAsync(SharedServer.Server.Port, new RecordingReceiver());
        await member.PutBlobAsync("key", new MemoryStream([1, 2, 3]));
        await SharedServer.Server.ControlAsync("delete_queue", $"samovar.{_cluster}.blob.key");

        await using var blob = (await member.OpenBlobAsync("key")).ShouldNotBeNull();

        (await Should.ThrowAsync<IOException>(() => blob.ReadAsync(new byte[1]).AsTask())).Message.ShouldContain("incomplete");
    }

    [ProcessFact]
    public async Task Disposing_an_interrupted_connection_fails_its_pending_calls()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(proxy.Port, receiver);
        proxy.Stall();
        proxy.Cut();
        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        var publish = member.PublishAsync(TaskPriority.Normal, Bytes("work")).AsTask();
        var send = member.SendAsync(member.Address, Bytes("work")).AsTask();
        var depth = member.GetQueueDepthAsync();
        var blob = member.OpenBlobAsync("key");

        await member.DisposeAsync().AsTask().WaitAsync(TestTimeout.Wait);

        foreach (var pending in new Task[] { publish, send, depth, blob }) await Should.ThrowAsync<ObjectDisposedException>(() => pending.WaitAsync(TestTimeout.Wait));
        receiver.States.Select(static change => change.State).ShouldBe([ClusterConnectionState.Interrupted, ClusterConnectionState.Closed]);
    }

    [ProcessFact]
    public async Task A_call_that_waits_for_the_connection_can_be_cancelled()
    {
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(proxy.Port, receiver);
        proxy.Stall();
        proxy.Cut();
        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        using var cancel = new CancellationTokenSource();
        var publish = member.PublishAsync(TaskPriority.Normal, Bytes("canceled"), cancel.Token).AsTask();
        var depth = member.GetQueueDepthAsync(cancel.Token);
        await member.SetCreditAsync(1).AsTask().WaitAsync(TestTimeout.Wait); // remembered

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => publish.WaitAsync(TestTimeout.Wait));
        await Should.ThrowAsync<OperationCanceledException>(() => depth.WaitAsync(TestTimeout.Wait));
        proxy.Resume();
        await member.PublishAsync(TaskPriority.Normal, Bytes("next"));
        Text((await receiver.DeliveriesAsync(1))[0].Body).ShouldBe("next"); // the other was not sent, and the credit holds
    }

    [ProcessFact]
    public async Task Changes_of_the_state_are_logged_without_the_password()
    {
        using var log = new RecordingLogger();
        await using var proxy = new CuttingProxy(SharedServer.Server.Port);
        var receiver = new RecordingReceiver();
        await using (await ConnectAsync(proxy.Port, receiver, new RabbitMQTransportOptions { LoggerFactory = log }))
        {
            proxy.Cut();
            await receiver.StateAsync(ClusterConnectionState.Connected);
        }

        log.Lines.ShouldContain(static line => line.Level == LogLevel.Warning && line.Text.EndsWith("is Interrupted.", StringComparison.Ordinal));
        log.Lines.ShouldContain(line => line.Level == LogLevel.Information && line.Text.Contains($"of member to cluster {_cluster}", StringComparison.Ordinal)
            && line.Text.EndsWith("is Connected.", StringComparison.Ordinal));
        log.Lines.ShouldAllBe(static line => !line.Text.Contains("guest:guest", StringComparison.Ordinal));
    }

    private Task<ClusterConnection> ConnectAsync(int port, RecordingReceiver receiver, RabbitMQTransportOptions? options = null, bool keepsReplies = false) =>
        new RabbitMQTransport(RabbitMQServer.UriFor(port), options)
            .ConnectAsync(new ClusterMember(_cluster, "member") { KeepsReplies = keepsReplies }, receiver);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>Content that cuts the connections when half of it and all of it was read.</summary>
    private sealed class CuttingStream(byte[] content, CuttingProxy proxy) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            bool isBefore = Position < Length / 2;
            int count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0 || isBefore != Position < Length / 2) proxy.Cut();
            return count;
        }
    }
}
