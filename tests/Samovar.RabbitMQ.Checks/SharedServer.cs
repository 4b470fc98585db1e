using System.Security.Cryptography.X509Certificates;
using Samovar.RabbitMQ.Checks;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace Samovar.RabbitMQ.Checks;

/// <summary>The broker that most tests share. It runs while the tests of this assembly run.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private static RabbitMQServer? s_server;

    /// <summary>Gets the server; skips the test if it is not installed.</summary>
    internal static RabbitMQServer Server
    {
        get
        {
            Require();
            return s_server!;
        }
    }

    /// <summary>Skips the test if the broker is not installed.</summary>
    internal static void Require()
    {
        if (!RabbitMQServer.IsInstalled) Assert.Skip("rabbitmq-server is not installed (build/system-needs.txt).");
    }

    /// <summary>Starts a broker for one test; skips the test if it is not installed.</summary>
    internal static Task<RabbitMQServer> StartOwnAsync(X509Certificate2? tls = null)
    {
        Require();
        return RabbitMQServer.StartAsync(tls);
    }

    public async ValueTask InitializeAsync()
    {
        if (RabbitMQServer.IsInstalled) s_server = await RabbitMQServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (s_server is not null) await s_server.DisposeAsync();
    }
}
