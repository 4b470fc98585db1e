using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Failures of the broker itself, each with a broker of its own.</summary>
public sealed class BrokerFailureTests
{
    private static readonly ClusterMember s_owner = new("failures", "owner") { KeepsReplies = true };
    private static readonly ClusterMember s_node = new("failures", "node");

    [ProcessFact]
    public async Task A_broker_that_is_killed_under_load_loses_nothing_that_it_confirmed()
    {
        const int Count = 4000;
        await using var server = await SharedServer.StartOwnAsync();
        var confirmed = new ConcurrentBag<int>();
        var received = new ConcurrentDictionary<int, int>();
        var receiver = new RecordingReceiver
        {
            Delivered = delivery =>
            {
                received.AddOrUpdate(int.Parse(Encoding.UTF8.GetString(delivery.Body.Span), CultureInfo.InvariantCulture), 1, static (_, count) => count + 1);
                delivery.Acknowledge();
            },
        };
        var ownerStates = new RecordingReceiver();
        var transport = new RabbitMQTransport(server.Uri);
        await (await transport.ConnectAsync(s_owner, new RecordingReceiver())).DisposeAsync();
        await server.SaveQueuesAsync();
        await using var owner = await transport.ConnectAsync(s_owner, ownerStates);
        await using var node = await transport.ConnectAsync(s_node, receiver);
        await node.SetCreditAsync(200);

        var calls = Enumerable.Range(0, Count).Select(async i =>
        {
            await owner.PublishAsync(TaskPriority.Normal, Encoding.UTF8.GetBytes($"{i}"));
            confirmed.Add(i);
        }).ToArray();
        await TestTimeout.UntilAsync(() => received.Count > Count / 10);
        await server.KillBrokerAsync();
        await ownerStates.StateAsync(ClusterConnectionState.Interrupted);
        await receiver.StateAsync(ClusterConnectionState.Interrupted);
        await server.StartBrokerAsync();

        await Task.WhenAll(calls).WaitAsync(TestTimeout.Wait);
        confirmed.Count.ShouldBe(Count);
        await TestTimeout.UntilAsync(() => received.Count == Count);
        await TestTimeout.UntilAsync(() => node.State == ClusterConnectionState.Connected && owner.State == ClusterConnectionState.Connected);
        (await node.SendAsync(owner.Address, new byte[] { 1 })).ShouldBeTrue();
        await ownerStates.RepliesAsync(1);
    }

    [ProcessFact]
    public async Task A_blocked_broker_delays_what_is_sent_until_it_accepts_messages_again()
    {
        await using var server = await SharedServer.StartOwnAsync();
        var receiver = new RecordingReceiver();
        var options = new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.FromSeconds(2) };
        await using var member = await new RabbitMQTransport(server.Uri, options).ConnectAsync(s_owner, receiver);
        await member.SetCreditAsync(200);

        await server.ControlAsync("set_disk_free_limit", "1000000GB");
        var pending = Enumerable.Range(0, 100).Select(_ => member.PublishAsync(TaskPriority.Normal, new byte[] { 1 }).AsTask()).ToArray();
        await receiver.StateAsync(ClusterConnectionState.Blocked);
        member.State.ShouldBe(ClusterConnectionState.Blocked);
        (await TestTimeout.HoldsAsync(() => receiver.States.Any(static change => change.State == ClusterConnectionState.Interrupted), TimeSpan.FromSeconds(4)))
            .ShouldBeFalse("the deadline of confirms does not count while the broker is blocked");
        pending.ShouldContain(static call => !call.IsCompleted);
        (await member.GetQueueDepthAsync().WaitAsync(TestTimeout.Wait)).Dead.ShouldBe(0); // requests work

        await server.ControlAsync("set_disk_free_limit", "1MB");

        await Task.WhenAll(pending).WaitAsync(TestTimeout.Wait);
        await receiver.DeliveriesAsync(100);
        receiver.States.Select(static change => change.State).ShouldBe([ClusterConnectionState.Blocked, ClusterConnectionState.Connected]);
    }
}
