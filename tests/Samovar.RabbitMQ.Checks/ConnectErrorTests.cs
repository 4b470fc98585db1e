using System.Net;
using System.Net.Sockets;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class ConnectErrorTests
{
    private readonly string _cluster = $"errors-{Guid.NewGuid():N}";

    private static int Port => SharedServer.Server.Port;

    [ProcessFact]
    public async Task A_wrong_password_is_reported_without_the_password()
    {
        var error = await FailAsync($"amqp://guest:s3cret-value@127.0.0.1:{Port}/");

        error.Message.ShouldStartWith($"RabbitMQ at amqp://guest@127.0.0.1:{Port}/%2F refused the password of user 'guest'");
        error.ToString().ShouldNotContain("s3cret-value");
    }

    [ProcessFact]
    public async Task A_missing_virtual_host_is_reported_with_the_command_that_creates_it()
    {
        var error = await FailAsync($"amqp://guest:guest@127.0.0.1:{Port}/no-such");

        error.Message.ShouldContain("has no virtual host 'no-such'");
        error.Message.ShouldContain("rabbitmqctl add_vhost no-such");
    }

    [ProcessFact]
    public async Task A_broker_that_is_absent_is_reported_with_its_address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var error = await FailAsync(RabbitMQServer.UriFor(port));

        error.Message.ShouldStartWith($"RabbitMQ at amqp://guest@127.0.0.1:{port}/%2F cannot be reached: Connection refused. Check that the broker runs");
    }

    [ProcessFact]
    public async Task A_port_that_does_not_answer_is_reported_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var error = await FailAsync(RabbitMQServer.UriFor(port), new RabbitMQTransportOptions { ConnectTimeout = TimeSpan.FromSeconds(1) });

        error.Message.ShouldContain($"127.0.0.1:{port}");
        error.Message.ShouldContain("cannot be reached: no answer within 1 s.");
    }

    [ProcessFact]
    public async Task A_user_without_permissions_is_reported_with_the_command_that_permits_it()
    {
        await SharedServer.Server.ControlAsync("add_user", _cluster, "pw");
        var noHost = await FailAsync($"amqp://{_cluster}:pw@127.0.0.1:{Port}/");
        noHost.Message.ShouldContain($"does not permit user '{_cluster}' to use the virtual host '/'");

        await SharedServer.Server.ControlAsync("set_permissions", "-p", "/", _cluster, "^other", ".*", ".*");
        var noQueues = await FailAsync($"amqp://{_cluster}:pw@127.0.0.1:{Port}/");

        noQueues.Message.ShouldContain($"does not permit user '{_cluster}' to create or use the queues of the cluster");
        noQueues.Message.ShouldContain("rabbitmqctl set_permissions -p /");
    }

    [ProcessFact]
    public async Task A_user_with_the_permissions_of_the_message_can_use_the_cluster()
    {
        await SharedServer.Server.ControlAsync("add_user", _cluster, "pw");
        await SharedServer.Server.ControlAsync("set_permissions", "-p", "/", _cluster, "^samovar\\.", ".*", ".*");
        var receiver = new RecordingReceiver();
        var transport = new RabbitMQTransport($"amqp://{_cluster}:pw@127.0.0.1:{Port}/");
        await using var member = await transport.ConnectAsync(new ClusterMember(_cluster, "member"), receiver);

        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, new byte[] { 1 });
        (await receiver.DeliveriesAsync(1))[0].DeadLetter("test");
        await member.PutBlobAsync("key", new MemoryStream([1, 2]));
        await member.BroadcastAsync(ClusterAudience.All, new byte[] { 1 });

        (await receiver.BroadcastsAsync(1)).Count.ShouldBe(1);
        (await member.SendAsync(member.Address, new byte[] { 1 })).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_queue_with_other_arguments_is_reported_with_its_name()
    {
        await using (await ConnectAsync(SharedServer.Server.Uri, new RabbitMQTransportOptions { DeliveryLimit = 5 }))
        {
            var error = await FailAsync(SharedServer.Server.Uri, new RabbitMQTransportOptions { DeliveryLimit = 6 });

            error.Message.ShouldContain("was created with other settings");
            error.Message.ShouldContain($"samovar.{_cluster}.tasks");
            error.Message.ShouldContain("x-delivery-limit");
        }
    }

    [ProcessFact]
    public async Task A_failed_attempt_calls_no_receiver_and_leaves_no_connection()
    {
        var receiver = new RecordingReceiver();
        var transport = new RabbitMQTransport($"amqp://guest:guest@127.0.0.1:{Port}/no-such");

        await Should.ThrowAsync<ClusterConnectionException>(() => transport.ConnectAsync(new ClusterMember(_cluster, "member"), receiver));

        receiver.States.ShouldBeEmpty();
        (await SharedServer.Server.ControlAsync("list_connections", "client_properties")).ShouldNotContain(_cluster);
    }

    [ProcessFact]
    public async Task The_versions_and_the_limitations_of_the_broker_are_reported()
    {
        await using var member = await ConnectAsync(SharedServer.Server.Uri);

        member.Broker.Product.ShouldMatch(@"^RabbitMQ \d+\.\d+");
        member.Broker.IsDurable.ShouldBeTrue();
        member.Broker.LargestMessage.ShouldBe(8 * 1024 * 1024);
        if (member.Broker.Product.StartsWith("RabbitMQ 3.10", StringComparison.Ordinal))
            member.Broker.Limitations.ShouldContain(text => text.Contains("acknowledgement timeout", StringComparison.Ordinal));
    }

    private Task<ClusterConnection> ConnectAsync(string uri, RabbitMQTransportOptions? options = null) =>
        new RabbitMQTransport(uri, options).ConnectAsync(new ClusterMember(_cluster, "member"), new RecordingReceiver());

    private async Task<ClusterConnectionException> FailAsync(string uri, RabbitMQTransportOptions? options = null)
    {
        SharedServer.Require();
        return await Should.ThrowAsync<ClusterConnectionException>(() => ConnectAsync(uri, options));
    }
}
