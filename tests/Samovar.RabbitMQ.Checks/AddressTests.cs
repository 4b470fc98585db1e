namespace Samovar.RabbitMQ.Checks;

public sealed class AddressTests
{
    [ThreadTheory]
    [InlineData("amqp://localhost", "amqp://guest@localhost:5672/%2F", true)]
    [InlineData("amqp://user:pass%40word@broker.example:5673/jobs", "amqp://user@broker.example:5673/jobs", false)]
    [InlineData("amqps://user:pw@broker.example/a%2Fb", "amqps://user@broker.example:5671/a%2Fb", false)]
    [InlineData("amqp://user@127.0.0.1/", "amqp://user@127.0.0.1:5672/%2F", true)]
    [InlineData("amqp://[::1]:5000", "amqp://guest@[::1]:5000/%2F", true)]
    [InlineData("amqp://10.0.0.1", "amqp://guest@10.0.0.1:5672/%2F", false)]
    public void The_endpoint_has_no_password_and_shows_what_is_used(string uri, string endpoint, bool isLocal)
    {
        var transport = new RabbitMQTransport(uri);

        transport.Endpoint.ShouldBe(endpoint);
        transport.IsLocal.ShouldBe(isLocal);
    }

    [ThreadTheory]
    [InlineData("amqp://a,amqp://b:5673", "amqp://guest@a:5672/%2F,amqp://guest@b:5673/%2F", false)]
    [InlineData(" amqps://u:p@a/v , AMQP://u:p@b/v ", "amqps://u@a:5671/v,amqp://u@b:5672/v", false)]
    [InlineData("amqp://u:one,two@localhost/v,amqp://u:one%2Ctwo@127.0.0.1/v", "amqp://u@localhost:5672/v,amqp://u@127.0.0.1:5672/v", true)] // commas in passwords
    [InlineData("amqp://localhost,amqp://broker.example", "amqp://guest@localhost:5672/%2F,amqp://guest@broker.example:5672/%2F", false)]
    public void Several_addresses_are_separated_by_commas(string uris, string endpoint, bool isLocal)
    {
        var transport = new RabbitMQTransport(uris);

        transport.Endpoint.ShouldBe(endpoint);
        transport.IsLocal.ShouldBe(isLocal);
    }

    [ThreadFact]
    public void Several_addresses_can_be_a_list()
    {
        new RabbitMQTransport([new Uri("amqp://a"), new Uri("amqp://b")]).Endpoint.ShouldBe("amqp://guest@a:5672/%2F,amqp://guest@b:5672/%2F");
        Should.Throw<ArgumentException>(() => new RabbitMQTransport(Array.Empty<Uri>())).Message.ShouldContain("There is no address of a broker");
    }

    [ThreadFact]
    public void Addresses_with_different_virtual_hosts_are_refused() =>
        Should.Throw<ArgumentException>(() => new RabbitMQTransport("amqp://u:s3cret@a/shop,amqp://u:s3cret@b")).Message
            .ShouldSatisfyAllConditions(static text => text.ShouldContain("different virtual hosts ('shop', '/')"), static text => text.ShouldNotContain("s3cret"));

    [ThreadTheory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("amqp://user:s3cret@a,b:5672")]
    [InlineData("amqp://user:s3cret@a,")]
    [InlineData("amqp://user:s3cret@a,amqp://")]
    [InlineData("amqp://user:s3cret@a,http://b")]
    [InlineData("http://user:s3cret@localhost")]
    [InlineData("amqp://user:s3cret@")]
    [InlineData("amqp://user:s3cret@localhost/a/b")]
    [InlineData("amqp://user:s3cret@localhost/?heartbeat=5")]
    public void An_address_that_is_not_valid_is_refused_without_being_shown(string uri) =>
        Should.Throw<ArgumentException>(() => new RabbitMQTransport(uri)).Message.ShouldNotContain("s3cret");

    [ThreadFact]
    public void Options_are_checked()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { MaxQueueLength = 0 });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { ConfirmTimeout = TimeSpan.Zero });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { ConnectTimeout = TimeSpan.Zero });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { ReplyRetention = TimeSpan.Zero });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { BlobRetention = TimeSpan.Zero });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { DeliveryLimit = 0 });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { Heartbeat = TimeSpan.FromMilliseconds(999) });
        Should.Throw<ArgumentOutOfRangeException>(() => new RabbitMQTransportOptions { Heartbeat = TimeSpan.FromHours(2) });
        Should.Throw<ArgumentNullException>(() => new RabbitMQTransportOptions { TimeProvider = null! });
        new RabbitMQTransportOptions { MaxQueueLength = null }.MaxQueueLength.ShouldBeNull();
    }

    [ThreadFact]
    public async Task A_member_and_a_receiver_are_required()
    {
        var transport = new RabbitMQTransport(new Uri("amqp://localhost"));

        await Should.ThrowAsync<ArgumentNullException>(() => transport.ConnectAsync(null!, new Samovar.Tests.Cluster.RecordingReceiver()));
        await Should.ThrowAsync<ArgumentNullException>(() => transport.ConnectAsync(new ClusterMember("c", "m"), null!));
        Should.Throw<ArgumentNullException>(() => new RabbitMQTransport((string)null!));
        Should.Throw<ArgumentNullException>(() => new RabbitMQTransport((Uri)null!));
        Should.Throw<ArgumentNullException>(() => new RabbitMQTransport((IEnumerable<Uri>)null!));
    }
}
