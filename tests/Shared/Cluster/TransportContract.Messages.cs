namespace Samovar.Tests.Cluster;

public abstract partial class TransportContract
{
    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replies_arrive_in_the_order_of_the_calls(bool keepsReplies)
    {
        var receiver = new RecordingReceiver();
        await using var owner = await ConnectAsync(receiver, keepsReplies);
        await using var node = await ConnectAsync(new RecordingReceiver());
        string[] replies = [.. Enumerable.Range(0, 300).Select(static i => $"reply {i}")];

        bool[] sent = await Task.WhenAll(replies.Select(reply => node.SendAsync(owner.Address, Bytes(reply)).AsTask()));

        sent.ShouldAllBe(arrived => arrived);
        (await receiver.RepliesAsync(replies.Length)).Select(Text).ShouldBe(replies);
    }

    [ProcessFact]
    public async Task A_member_can_send_to_itself()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);

        (await member.SendAsync(member.Address, Bytes("note"))).ShouldBeTrue();

        (await receiver.RepliesAsync(1)).Select(Text).ShouldBe(["note"]);
    }

    [ProcessTheory]
    [InlineData("")]
    [InlineData("nowhere")]
    [InlineData("samovar.x.tasks")]
    public async Task Sending_to_an_unknown_address_returns_false(string address)
    {
        await using var member = await ConnectAsync(new RecordingReceiver());

        (await member.SendAsync(address, Bytes("reply"))).ShouldBeFalse();
    }

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sending_to_a_member_whose_connection_was_disposed_returns_false(bool keepsReplies)
    {
        await using var node = await ConnectAsync(new RecordingReceiver());
        var owner = await ConnectAsync(new RecordingReceiver(), keepsReplies);
        string address = owner.Address;
        await owner.DisposeAsync();

        (await node.SendAsync(address, Bytes("reply"))).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_broadcast_reaches_every_member_and_its_sender()
    {
        RecordingReceiver[] receivers = [new(), new(), new()];
        await using var first = await ConnectAsync(receivers[0]);
        await using var second = await ConnectAsync(receivers[1]);
        await using var third = await ConnectAsync(receivers[2], keepsReplies: true);

        await first.BroadcastAsync(ClusterAudience.All, Bytes("one"));
        await first.BroadcastAsync(ClusterAudience.All, Bytes("two"));

        foreach (var receiver in receivers) (await receiver.BroadcastsAsync(2)).Select(Text).ShouldBe(["one", "two"]);
    }

    [ProcessFact]
    public async Task A_broadcast_reaches_the_members_of_its_audience_and_no_others()
    {
        RecordingReceiver executor = new(), node = new(), both = new(), none = new();
        await using var first = await ConnectAsync(executor, audience: ClusterAudience.Executors);
        await using var second = await ConnectAsync(node, audience: ClusterAudience.Nodes);
        await using var third = await ConnectAsync(both, audience: ClusterAudience.All);
        await using var fourth = await ConnectAsync(none, audience: ClusterAudience.None);

        await first.BroadcastAsync(ClusterAudience.Nodes, Bytes("to nodes"));
        await first.BroadcastAsync(ClusterAudience.Executors, Bytes("to executors"));
        await first.BroadcastAsync(ClusterAudience.All, Bytes("to all"));

        (await both.BroadcastsAsync(3)).Select(Text).ShouldBe(["to nodes", "to executors", "to all"]);
        (await executor.BroadcastsAsync(2)).Select(Text).ShouldBe(["to executors", "to all"]);
        (await node.BroadcastsAsync(2)).Select(Text).ShouldBe(["to nodes", "to all"]);
        await fourth.DisposeAsync(); // whatever was on the way has arrived, or never does
        none.Broadcasts.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Each_connection_has_its_own_address()
    {
        await using var first = await ConnectAsync(new RecordingReceiver());
        await using var second = await ConnectAsync(new RecordingReceiver());

        first.Address.ShouldNotBe(second.Address);
        first.Address.ShouldNotBeNullOrEmpty();
    }

    [ProcessFact]
    public async Task A_receiver_may_send_and_acknowledge_while_it_is_called()
    {
        ClusterConnection? node = null, owner = null;
        Task<bool>? sent = null;
        var replies = new RecordingReceiver();
        var receiver = new RecordingReceiver
        {
            Delivered = delivery =>
            {
                sent = node!.SendAsync(owner!.Address, delivery.Body).AsTask();
                delivery.Acknowledge();
            },
        };
        await using (owner = await ConnectAsync(replies))
        await using (node = await ConnectAsync(receiver))
        {
            await node.SetCreditAsync(1);
            await owner.PublishAsync(TaskPriority.Normal, Bytes("work"));

            (await replies.RepliesAsync(1)).Select(Text).ShouldBe(["work"]);
            (await sent!).ShouldBeTrue();
        }
    }

    [ProcessFact]
    public async Task Disposing_reports_the_state_and_pending_and_later_calls_throw()
    {
        var receiver = new RecordingReceiver();
        var member = await ConnectAsync(receiver);
        member.State.ShouldBe(ClusterConnectionState.Connected);

        await member.DisposeAsync();
        await member.DisposeAsync(); // without effect

        member.State.ShouldBe(ClusterConnectionState.Closed);
        receiver.States.ShouldBe([(ClusterConnectionState.Closed, (Exception?)null)]);
        await Should.ThrowAsync<ObjectDisposedException>(() => member.PublishAsync(TaskPriority.Normal, Bytes("work")).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(() => member.SetCreditAsync(1).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(() => member.SendAsync(member.Address, Bytes("work")).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(() => member.BroadcastAsync(ClusterAudience.All, Bytes("work")).AsTask());
        await Should.ThrowAsync<ObjectDisposedException>(() => member.PutBlobAsync("key", new MemoryStream()));
        await Should.ThrowAsync<ObjectDisposedException>(() => member.OpenBlobAsync("key"));
        await Should.ThrowAsync<ObjectDisposedException>(() => member.GetQueueDepthAsync());
    }

    [ProcessFact]
    public async Task Invalid_arguments_are_refused()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());
        var tooLong = new ReadOnlyMemory<byte>(new byte[member.Broker.LargestMessage + 1]);

        await Should.ThrowAsync<ArgumentException>(() => member.PublishAsync(TaskPriority.Normal, tooLong).AsTask());
        await Should.ThrowAsync<ArgumentException>(() => member.SendAsync(member.Address, tooLong).AsTask());
        await Should.ThrowAsync<ArgumentException>(() => member.BroadcastAsync(ClusterAudience.All, tooLong).AsTask());
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.BroadcastAsync(ClusterAudience.None, Bytes("work")).AsTask());
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.BroadcastAsync((ClusterAudience)4, Bytes("work")).AsTask());
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.PublishAsync((TaskPriority)7, Bytes("work")).AsTask());
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.SetCreditAsync(-1).AsTask());
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.SetCreditAsync(10_001).AsTask());
        await Should.ThrowAsync<ArgumentNullException>(() => member.SendAsync(null!, Bytes("work")).AsTask());
        await Should.ThrowAsync<ArgumentNullException>(() => member.PutBlobAsync("key", null!));
        foreach (string key in new[] { "", "a.b", "ü", new string('a', 129) })
        {
            await Should.ThrowAsync<ArgumentException>(() => member.PutBlobAsync(key, new MemoryStream()));
            await Should.ThrowAsync<ArgumentException>(() => member.OpenBlobAsync(key));
        }
    }

    [ProcessFact]
    public async Task A_cancelled_token_cancels_the_call()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());
        var canceled = new CancellationToken(canceled: true);

        await Should.ThrowAsync<OperationCanceledException>(() => member.PublishAsync(TaskPriority.Normal, Bytes("work"), canceled).AsTask());
        await Should.ThrowAsync<OperationCanceledException>(() => member.SendAsync(member.Address, Bytes("work"), canceled).AsTask());
        await Should.ThrowAsync<OperationCanceledException>(() => member.BroadcastAsync(ClusterAudience.All, Bytes("work"), canceled).AsTask());
        await Should.ThrowAsync<OperationCanceledException>(() => member.GetQueueDepthAsync(canceled));
        await Should.ThrowAsync<OperationCanceledException>(() => CreateTransport().ConnectAsync(new ClusterMember(_cluster, "member"), new RecordingReceiver(), canceled));
    }

    [ProcessFact]
    public async Task The_broker_is_described()
    {
        var transport = CreateTransport();
        await using var member = await ConnectAsync(new RecordingReceiver());

        transport.Endpoint.ShouldNotBeNullOrWhiteSpace();
        transport.IsLocal.ShouldBeTrue();
        member.Broker.Product.ShouldNotBeNullOrWhiteSpace();
        member.Broker.LargestMessage.ShouldBeGreaterThanOrEqualTo(1 << 20);
        member.Broker.Limitations.ShouldAllBe(limitation => limitation.EndsWith('.'));
    }
}
