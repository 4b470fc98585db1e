namespace Samovar.Tests.Cluster;

public sealed class InMemoryTransportTests : TransportContract
{
    private readonly InMemoryTransport _transport = new();

    protected override ClusterTransport CreateTransport() => _transport;

    [ThreadFact]
    public async Task Only_connections_of_the_transport_can_be_interrupted()
    {
        var member = new ClusterMember("cluster", "member");
        await using var other = await new InMemoryTransport().ConnectAsync(member, new RecordingReceiver());
        Should.Throw<ArgumentException>(() => _transport.Interrupt(other)).Message.ShouldContain("does not belong to this transport");
    }

    [ThreadFact]
    public async Task Calls_wait_while_the_connection_is_interrupted()
    {
        var receiver = new RecordingReceiver();
        await using var connection = await _transport.ConnectAsync(new ClusterMember("cluster", "member"), receiver);
        _transport.Interrupt(connection);
        connection.State.ShouldBe(ClusterConnectionState.Interrupted);
        var publishing = connection.PublishAsync(TaskPriority.Normal, new byte[] { 1 }).AsTask();
        publishing.IsCompleted.ShouldBeFalse();

        _transport.Restore(connection);

        await publishing.WaitAsync(TestTimeout.Wait);
        connection.State.ShouldBe(ClusterConnectionState.Connected);
    }

    [ThreadFact]
    public async Task A_reply_box_that_keeps_replies_survives_an_interruption_and_another_one_does_not()
    {
        RecordingReceiver keeping = new(), losing = new();
        await using var sender = await _transport.ConnectAsync(new ClusterMember("cluster", "sender"), new RecordingReceiver());
        await using var keeps = await _transport.ConnectAsync(new ClusterMember("cluster", "keeps") { KeepsReplies = true }, keeping);
        await using var loses = await _transport.ConnectAsync(new ClusterMember("cluster", "loses"), losing);
        _transport.Interrupt(keeps);
        _transport.Interrupt(loses);
        (await sender.SendAsync(keeps.Address, new byte[] { 7 })).ShouldBeTrue();
        (await sender.SendAsync(loses.Address, new byte[] { 7 })).ShouldBeFalse();
        _transport.Restore(keeps);
        _transport.Restore(loses);
        (await sender.SendAsync(loses.Address, new byte[] { 8 })).ShouldBeTrue();

        (await keeping.RepliesAsync(1))[0].ShouldBe([7]);
        (await losing.RepliesAsync(1))[0].ShouldBe([8]);
    }
}
