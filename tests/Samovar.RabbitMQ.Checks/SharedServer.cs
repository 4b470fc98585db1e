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
            RabbitMQServer.Require();
            return s_server!;
        }
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
