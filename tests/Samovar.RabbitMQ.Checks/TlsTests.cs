using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class TlsTests
{
    private static readonly ClusterMember s_member = new("tls", "member");

    [ProcessFact]
    public async Task A_broker_with_a_trusted_certificate_is_used_over_TLS_and_another_is_refused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var server = await SharedServer.StartOwnAsync(certificate);
        string uri = $"amqps://guest:guest@127.0.0.1:{server.Port}/";

        var refused = await Should.ThrowAsync<ClusterConnectionException>(() => new RabbitMQTransport(uri).ConnectAsync(s_member, new RecordingReceiver()));
        refused.Message.ShouldContain("could not agree on TLS");
        refused.Message.ShouldContain("ServerCertificateValidation");

        var trusting = new RabbitMQTransportOptions { ServerCertificateValidation = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString() };
        var receiver = new RecordingReceiver();
        await using var member = await new RabbitMQTransport(uri, trusting).ConnectAsync(s_member, receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(TaskPriority.Normal, new byte[100_000]);
        (await receiver.DeliveriesAsync(1))[0].Body.Length.ShouldBe(100_000);
    }
}
