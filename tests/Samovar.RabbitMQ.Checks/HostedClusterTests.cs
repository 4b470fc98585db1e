using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Samovar.Hosting;

namespace Samovar.RabbitMQ.Checks;

/// <summary>An executor and a node as services of a host, over RabbitMQ.</summary>
public sealed class HostedClusterTests
{
    [ProcessFact]
    public async Task A_host_starts_before_its_broker_and_its_health_follows_the_broker()
    {
        await using var server = await RabbitMQServer.StartAsync();
        await server.KillBrokerAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddHealthChecks().AddSamovar();
        builder.Services.AddSamovar()
            .AddCluster("orders", _ => new RabbitMQTransport(server.Uri), static options => options with { ConnectTimeout = TimeSpan.FromMinutes(5) })
            .AddClusterNode("kitchen", _ => new RabbitMQTransport(server.Uri), static options => options with { Workers = 1, WorkerOptions = new() { InProcess = true } });
        using var host = builder.Build();
        await host.StartAsync();
        try
        {
            await FollowAsync(host, server);
        }
        finally
        {
            await host.StopAsync(); // a disposal alone would wait for the tasks of a test that has failed
        }
    }

    private static async Task FollowAsync(IHost host, RabbitMQServer server)
    {
        var executor = host.Services.GetRequiredService<ClusterExecutor>();
        var early = executor.Submit(static () => 1);
        await UntilAsync(host, HealthStatus.Degraded, "node 'kitchen' has no connection to its cluster and tries again: ");

        await server.StartBrokerAsync();
        (await early).ShouldBe(1);
        await UntilAsync(host, HealthStatus.Healthy, "");
        executor.GetConnectionStatus().Broker!.Product.ShouldStartWith("RabbitMQ 3.");

        await server.SaveQueuesAsync();
        await server.KillBrokerAsync();
        var during = executor.Submit(static () => 2);
        await UntilAsync(host, HealthStatus.Degraded, "node 'kitchen' has no connection to its cluster and tries again: ");
        await server.StartBrokerAsync();

        (await during).ShouldBe(2);
        await UntilAsync(host, HealthStatus.Healthy, "");
        var connection = host.Services.GetRequiredService<ClusterNode>().GetStatistics().Connection;
        (connection.State, connection.Interruptions).ShouldBe((ClusterConnectionState.Connected, 1));
    }

    /// <summary>Waits for a health whose description contains a text.</summary>
    private static async Task UntilAsync(IHost host, HealthStatus status, string text)
    {
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        long began = TimeProvider.System.GetTimestamp();
        while ((await checks.CheckHealthAsync()).Entries["samovar"] is var entry && (entry.Status != status || entry.Description?.Contains(text, StringComparison.Ordinal) == false))
        {
            if (TimeProvider.System.GetElapsedTime(began) > TestTimeout.Wait) $"{entry.Status}: {entry.Description}".ShouldBe($"{status}: {text}");
            await TestTimer.PauseAsync(50);
        }
    }
}
