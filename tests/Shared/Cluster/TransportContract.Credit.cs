namespace Samovar.Tests.Cluster;

public abstract partial class TransportContract
{
    [ProcessFact]
    public async Task Without_credit_nothing_is_delivered()
    {
        var receiver = new RecordingReceiver();
        var other = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await using var consumer = await ConnectAsync(other);
        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));

        await consumer.SetCreditAsync(1);

        await other.DeliveriesAsync(1);
        receiver.Deliveries.ShouldBeEmpty();
    }

    [ProcessTheory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_member_holds_at_most_its_credit(int credit)
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await PublishAsync(member, 30);

        await member.SetCreditAsync(credit);

        await ReceivedAsync(member, receiver, credit, of: 30);
        receiver.Deliveries[0].Acknowledge();
        await ReceivedAsync(member, receiver, credit + 1, of: 30);
    }

    [ProcessFact]
    public async Task More_credit_counts_what_the_member_holds()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await PublishAsync(member, 30);
        await member.SetCreditAsync(3);
        await ReceivedAsync(member, receiver, 3, of: 30);

        await member.SetCreditAsync(8);

        await ReceivedAsync(member, receiver, 8, of: 30);
        foreach (var delivery in receiver.Deliveries) delivery.Acknowledge();
        await ReceivedAsync(member, receiver, 16, of: 30);
    }

    [ProcessFact]
    public async Task Less_credit_takes_nothing_back_and_holds_when_enough_is_acknowledged()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await PublishAsync(member, 30);
        await member.SetCreditAsync(8);
        await ReceivedAsync(member, receiver, 8, of: 30);

        await member.SetCreditAsync(2);

        for (int i = 0; i < 6; i++) receiver.Deliveries[i].Acknowledge();
        await ReceivedAsync(member, receiver, 8, of: 30); // two are held
        receiver.Deliveries[6].Acknowledge();
        receiver.Deliveries[7].Acknowledge();
        await ReceivedAsync(member, receiver, 10, of: 30);
    }

    [ProcessFact]
    public async Task Credit_of_zero_stops_the_deliveries_and_those_that_are_held_can_be_acknowledged()
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await PublishAsync(member, 5);
        await member.SetCreditAsync(2);
        await ReceivedAsync(member, receiver, 2, of: 5);

        await member.SetCreditAsync(0);

        foreach (var delivery in receiver.Deliveries) delivery.Acknowledge();
        await ReceivedAsync(member, receiver, 2, of: 5);
        await member.SetCreditAsync(10);
        await ReceivedAsync(member, receiver, 5, of: 5);
    }

    private static async Task PublishAsync(ClusterConnection member, int count)
    {
        for (int i = 0; i < count; i++) await member.PublishAsync(TaskPriority.Normal, Bytes($"{i}"));
    }

    /// <summary>Waits until so many have arrived and the others are in the queue: then no more are on their way.</summary>
    private static async Task ReceivedAsync(ClusterConnection member, RecordingReceiver receiver, int count, int of)
    {
        await receiver.DeliveriesAsync(count);
        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, of - count, 0, 0));
        receiver.Deliveries.Count.ShouldBe(count);
    }
}
