using System.Text;
using Samovar.RabbitMQ.Topology;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class QueueTests
{
    private readonly string _cluster = $"queues-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task A_full_queue_refuses_a_message_and_accepts_one_again_when_there_is_room()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver, new RabbitMQTransportOptions { MaxQueueLength = 5 });
        QueueFullException? full = null;
        int accepted = 0;
        while (full is null)
        {
            try
            {
                await member.PublishAsync(TaskPriority.Normal, new byte[] { 1 });
                accepted++;
            }
            catch (QueueFullException error)
            {
                full = error;
            }
        }

        accepted.ShouldBeInRange(5, 10); // RabbitMQ notices that a queue is full a moment later
        full.Executor.ShouldBe($"samovar.{_cluster}.tasks");
        full.Capacity.ShouldBe(5);
        await member.PublishAsync(TaskPriority.High, new byte[] { 1 }); // another queue
        await member.SetCreditAsync(20);
        foreach (var delivery in await receiver.DeliveriesAsync(accepted + 1)) delivery.Acknowledge();
        await member.DisposeAsync();

        await using var other = await ConnectAsync(new RecordingReceiver(), new RabbitMQTransportOptions { MaxQueueLength = 5 });
        await other.PublishAsync(TaskPriority.Normal, new byte[] { 2 });
    }

    [ProcessFact]
    public async Task A_message_that_a_queue_refuses_for_a_time_is_sent_again()
    {
        var receiver = new RecordingReceiver { Delivered = static delivery => delivery.Acknowledge() };
        await using var member = await ConnectAsync(receiver, new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.FromMinutes(10) });
        await SharedServer.Server.ControlAsync("set_policy", _cluster, $"^samovar.{_cluster}.tasks$", """{"max-length": 1}""", "--apply-to", "queues"); // refuses as a queue without a leader does
        var calls = new List<Task>();
        await TestTimeout.UntilAsync(() =>
        {
            calls.Add(member.PublishAsync(TaskPriority.Normal, new byte[] { 1 }).AsTask());
            return calls.Count > 10 && calls.Any(static call => !call.IsCompleted);
        });
        (await TestTimeout.HoldsAsync(() => calls.All(static call => call.IsCompleted), TimeSpan.FromSeconds(1))).ShouldBeFalse("the queue refuses");

        await member.SetCreditAsync(10);

        await Task.WhenAll(calls).WaitAsync(TestTimeout.Wait);
        await receiver.DeliveriesAsync(calls.Count);
        receiver.States.ShouldBeEmpty();
        await SharedServer.Server.ControlAsync("clear_policy", _cluster);
    }

    [ProcessFact]
    public async Task A_queue_that_refuses_messages_for_too_long_is_full()
    {
        await using var member = await ConnectAsync(new RecordingReceiver(), new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.FromSeconds(2) });
        await SharedServer.Server.ControlAsync("set_policy", _cluster, $"^samovar.{_cluster}.tasks$", """{"max-length": 1}""", "--apply-to", "queues");

        var full = await Should.ThrowAsync<QueueFullException>(async () =>
        {
            for (int i = 0; i < 20; i++) await member.PublishAsync(TaskPriority.Normal, new byte[] { 1 });
        });

        full.Executor.ShouldBe($"samovar.{_cluster}.tasks");
        await SharedServer.Server.ControlAsync("clear_policy", _cluster);
    }

    [ProcessFact]
    public async Task A_message_that_exceeds_the_delivery_limit_is_a_dead_letter()
    {
        var options = new RabbitMQTransportOptions { DeliveryLimit = 2 };
        var sender = new RecordingReceiver();
        await using var owner = await ConnectAsync(sender, options);
        await owner.PublishAsync(TaskPriority.Normal, new byte[] { 1 });

        for (int i = 0; i <= 2; i++)
        {
            var receiver = new RecordingReceiver();
            await using var node = await ConnectAsync(receiver, options);
            await node.SetCreditAsync(1);
            (await receiver.DeliveriesAsync(1))[0].PreviousDeliveries.ShouldBe(i);
        }

        await QueueDepthAssert.BecomesAsync(owner, new ClusterQueueDepth(0, 0, 0, 1));
        ClusterDeadLetter? dead = null;
        await owner.ReviewDeadLettersAsync(letter =>
        {
            dead = letter;
            return DeadLetterAction.Retry;
        });
        dead.ShouldNotBeNull().ShouldSatisfyAllConditions(
            static letter => letter.Reason.ShouldStartWith("delivered too often without an acknowledgement"),
            static letter => letter.Member.ShouldBeNull(),
            static letter => letter.Priority.ShouldBe(TaskPriority.Normal),
            static letter => letter.Time.ShouldNotBeNull().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddHours(-1)));
        var again = new RecordingReceiver();
        await using var next = await ConnectAsync(again, options);
        await next.SetCreditAsync(1);
        (await again.DeliveriesAsync(1))[0].PreviousDeliveries.ShouldBe(0); // so the limit begins again
    }

    [ProcessFact]
    public async Task A_message_can_be_returned_more_often_than_the_delivery_limit()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver, new RabbitMQTransportOptions { DeliveryLimit = 2 });
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, Encoding.UTF8.GetBytes("work"));

        for (int i = 1; i <= 8; i++) (await receiver.DeliveriesAsync(i))[i - 1].Return();

        var last = (await receiver.DeliveriesAsync(9))[8];
        Encoding.UTF8.GetString(last.Body.Span).ShouldBe("work");
        (await member.GetQueueDepthAsync()).Dead.ShouldBe(0);
    }

    [ProcessFact]
    public async Task A_receiver_that_throws_makes_its_message_a_dead_letter_and_receives_the_next()
    {
        var log = new RecordingLogger();
        int calls = 0;
        var receiver = new RecordingReceiver { Delivered = _ => { if (Interlocked.Increment(ref calls) == 1) throw new InvalidOperationException("broken receiver"); } };
        await using var member = await ConnectAsync(receiver, new RabbitMQTransportOptions { LoggerFactory = log });
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, new byte[] { 1 });
        await member.PublishAsync(TaskPriority.Normal, new byte[] { 2 });

        await receiver.DeliveriesAsync(2);
        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, 1));
        log.Lines.ShouldContain(static line => line.Text.Contains("OnDelivery", StringComparison.Ordinal));
    }

    [ProcessFact]
    public async Task A_message_larger_than_the_broker_permits_is_refused_and_others_are_sent()
    {
        await using var server = await SharedServer.StartOwnAsync();
        await server.ControlAsync("eval", "application:set_env(rabbit, max_message_size, 1000), persistent_term:put(max_message_size, 1000).");
        await using var member = await new RabbitMQTransport(server.Uri).ConnectAsync(new ClusterMember(_cluster, "member"), new RecordingReceiver());

        var small = member.PublishAsync(TaskPriority.Normal, new byte[10]).AsTask();
        var error = await Should.ThrowAsync<ArgumentException>(() => member.PublishAsync(TaskPriority.Normal, new byte[2000]).AsTask().WaitAsync(TestTimeout.Wait));

        error.Message.ShouldContain("message size 2000");
        await small.WaitAsync(TestTimeout.Wait);
        await member.PublishAsync(TaskPriority.Normal, new byte[10]).AsTask().WaitAsync(TestTimeout.Wait);
    }

    [ThreadTheory]
    [InlineData("3.9.29", false, false)]
    [InlineData("3.10.8", true, false)]
    [InlineData("4.2.1", true, false)]
    [InlineData("4.3.0-rc.1", true, true)]
    [InlineData("unknown", false, false)]
    public void What_a_version_can_do_is_known(string version, bool isSupported, bool returnsAreFree)
    {
        var broker = new BrokerVersion(new Dictionary<string, object?> { ["product"] = "RabbitMQ"u8.ToArray(), ["version"] = Encoding.UTF8.GetBytes(version) });

        (broker.IsSupported, broker.ReturnsAreFree).ShouldBe((isSupported, returnsAreFree));
        broker.Describe().Product.ShouldBe($"RabbitMQ {version}");
        broker.Describe().Limitations.Any(static text => text.Contains("returned message", StringComparison.Ordinal)).ShouldBe(!returnsAreFree);
    }

    private Task<ClusterConnection> ConnectAsync(RecordingReceiver receiver, RabbitMQTransportOptions options) =>
        new RabbitMQTransport(SharedServer.Server.Uri, options).ConnectAsync(new ClusterMember(_cluster, "member"), receiver);
}
