using System.Text;

namespace Samovar.Tests.Cluster;

/// <summary>What holds for every transport. A subclass creates the transport; each test has a cluster of its own.</summary>
public abstract partial class TransportContract
{
    private readonly string _cluster = $"contract-{Guid.NewGuid():N}";

    /// <summary>Creates a transport. All transports of a test reach the same broker.</summary>
    protected abstract ClusterTransport CreateTransport();

    [ProcessFact]
    public async Task A_published_message_is_delivered_once_and_gone_when_it_is_acknowledged()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(10);

        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));

        var delivery = (await receiver.DeliveriesAsync(1))[0];
        Text(delivery.Body).ShouldBe("work");
        delivery.Priority.ShouldBe(TaskPriority.Normal);
        delivery.PreviousDeliveries.ShouldBe(0);
        delivery.IsLost.ShouldBeFalse();
        delivery.Acknowledge();
        await member.DisposeAsync();

        var second = new RecordingReceiver();
        await using var other = await ConnectAsync(second);
        await other.SetCreditAsync(10);
        await other.PublishAsync(TaskPriority.Normal, Bytes("next"));
        Text((await second.DeliveriesAsync(1))[0].Body).ShouldBe("next");
    }

    [ProcessFact]
    public async Task An_empty_message_and_one_of_a_mebibyte_arrive_as_they_were()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        byte[] large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        await member.PublishAsync(TaskPriority.Normal, ReadOnlyMemory<byte>.Empty);
        await member.PublishAsync(TaskPriority.Normal, large);

        await member.SetCreditAsync(2);

        var deliveries = await receiver.DeliveriesAsync(2);
        deliveries[0].Body.Length.ShouldBe(0);
        deliveries[1].Body.Span.SequenceEqual(large).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_delivery_that_was_not_acknowledged_goes_to_another_member_when_its_connection_is_disposed()
    {
        var first = new RecordingReceiver();
        var second = new RecordingReceiver();
        await using var lost = await ConnectAsync(first);
        await lost.SetCreditAsync(10);
        await lost.PublishAsync(TaskPriority.Normal, Bytes("work"));
        var before = (await first.DeliveriesAsync(1))[0];

        await lost.DisposeAsync();

        before.IsLost.ShouldBeTrue();
        before.Acknowledge(); // without effect
        await using var other = await ConnectAsync(second);
        await other.SetCreditAsync(10);
        var again = (await second.DeliveriesAsync(1))[0];
        Text(again.Body).ShouldBe("work");
        again.PreviousDeliveries.ShouldBeGreaterThanOrEqualTo(1);
    }

    [ProcessFact]
    public async Task A_returned_message_is_delivered_again()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.High, Bytes("work"));

        (await receiver.DeliveriesAsync(1))[0].Return();

        var again = (await receiver.DeliveriesAsync(2))[1];
        Text(again.Body).ShouldBe("work");
        again.Priority.ShouldBe(TaskPriority.High);
        again.Acknowledge();
        await TestTimeout.UntilAsync(() => receiver.Deliveries.Count == 2);
    }

    [ProcessFact]
    public async Task Only_the_first_call_settles_a_delivery()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, Bytes("one"));
        var one = (await receiver.DeliveriesAsync(1))[0];

        one.Acknowledge();
        one.Return();
        one.DeadLetter("too late");
        one.Acknowledge();

        await member.PublishAsync(TaskPriority.Normal, Bytes("two"));
        Text((await receiver.DeliveriesAsync(2))[1].Body).ShouldBe("two");
        (await member.GetQueueDepthAsync()).ShouldBe(new ClusterQueueDepth(0, 0, 0, 0));
    }

    [ProcessFact]
    public async Task A_dead_letter_is_counted_and_not_delivered_again()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, Bytes("poison"));

        (await receiver.DeliveriesAsync(1))[0].DeadLetter("It kills its node.");

        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, 1));
        await member.PublishAsync(TaskPriority.Normal, Bytes("next"));
        Text((await receiver.DeliveriesAsync(2))[1].Body).ShouldBe("next");
    }

    [ProcessFact]
    public async Task Each_priority_has_a_queue_of_its_own()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.PublishAsync(TaskPriority.Low, Bytes("low"));
        await member.PublishAsync(TaskPriority.Normal, Bytes("normal 1"));
        await member.PublishAsync(TaskPriority.Normal, Bytes("normal 2"));
        await member.PublishAsync(TaskPriority.High, Bytes("high"));

        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(1, 2, 1, 0));
        await member.SetCreditAsync(1);

        var deliveries = await receiver.DeliveriesAsync(3); // one of each queue: the credit is of each
        deliveries.Select(delivery => (delivery.Priority, Text(delivery.Body))).ShouldBe(
            [(TaskPriority.High, "high"), (TaskPriority.Normal, "normal 1"), (TaskPriority.Low, "low")], ignoreOrder: true);
        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 1, 0, 0));
    }

    [ProcessFact]
    public async Task Messages_of_one_queue_arrive_in_the_order_in_which_they_were_published()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        string[] messages = [.. Enumerable.Range(0, 500).Select(static i => $"message {i}")];

        await Task.WhenAll(messages.Select(message => member.PublishAsync(TaskPriority.Normal, Bytes(message)).AsTask()));
        await member.SetCreditAsync(messages.Length);

        (await receiver.DeliveriesAsync(messages.Length)).Select(delivery => Text(delivery.Body)).ShouldBe(messages);
    }

    [ProcessFact]
    public async Task Many_deliveries_that_are_settled_in_any_order_leave_nothing()
    {
        const int Count = 1000;
        var receiver = new RecordingReceiver();
        var random = new Random(7);
        await using var member = await ConnectAsync(receiver);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => member.PublishAsync(TaskPriority.Normal, Bytes($"{i}")).AsTask()));

        await member.SetCreditAsync(Count);

        var deliveries = (await receiver.DeliveriesAsync(Count)).ToArray();
        random.Shuffle(deliveries);
        foreach (var delivery in deliveries) delivery.Acknowledge();
        await member.DisposeAsync();
        await using var other = await ConnectAsync(new RecordingReceiver());
        await QueueDepthAssert.BecomesAsync(other, new ClusterQueueDepth(0, 0, 0, 0));
        receiver.Deliveries.Count.ShouldBe(Count);
    }

    [ProcessFact]
    public async Task Clusters_with_different_names_do_not_mix()
    {
        var receiver = new RecordingReceiver();
        var stranger = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await using var foreign = await CreateTransport().ConnectAsync(new ClusterMember($"{_cluster}-2", "foreign"), stranger);
        await foreign.SetCreditAsync(10);

        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));
        await member.BroadcastAsync(ClusterAudience.All, Bytes("news"));
        (await member.SendAsync(foreign.Address, Bytes("reply"))).ShouldBeFalse();
        await member.PutBlobAsync("key", new MemoryStream([1, 2, 3]));

        await receiver.BroadcastsAsync(1);
        (await foreign.OpenBlobAsync("key")).ShouldBeNull();
        (await foreign.GetQueueDepthAsync()).ShouldBe(new ClusterQueueDepth(0, 0, 0, 0));
        await foreign.BroadcastAsync(ClusterAudience.All, Bytes("own"));
        (await stranger.BroadcastsAsync(1)).Select(Text).ShouldBe(["own"]);
        stranger.Deliveries.ShouldBeEmpty();
        stranger.Replies.ShouldBeEmpty();
    }

    /// <summary>Connects a member to the cluster of this test.</summary>
    private protected Task<ClusterConnection> ConnectAsync(RecordingReceiver receiver, bool keepsReplies = false, ClusterAudience audience = ClusterAudience.All) =>
        CreateTransport().ConnectAsync(new ClusterMember(_cluster, "member") { KeepsReplies = keepsReplies, Audience = audience }, receiver);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
