using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Samovar.Hosting.Tests;

/// <summary>The health of clusters is what they consume.</summary>
public sealed class ClusterHealthTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FlakyTransport _transport = new();

    [ThreadFact]
    public async Task A_connection_that_is_interrupted_is_degraded_and_later_unhealthy()
    {
        using var host = Build(services => services.AddCluster("orders", _ => _transport).AddClusterNode("kitchen", _ => _transport, static options => options with { Name = "ann" }));
        await host.StartAsync();
        var executor = host.Services.GetRequiredService<ClusterExecutor>();
        var node = host.Services.GetRequiredService<ClusterNode>();
        await executor.ConnectAsync();
        await TestTimeout.UntilAsync(() => node.GetStatistics().Connection.State == ClusterConnectionState.Connected);
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        foreach (string member in (string[])["orders", "ann"]) _transport.Interrupt(member);
        await TestTimeout.UntilAsync(() => executor.GetConnectionStatus().Error is not null && node.GetStatistics().Connection.Error is not null);
        var first = await CheckAsync(host);
        _clock.Advance(TimeSpan.FromSeconds(30));
        var second = await CheckAsync(host);

        first.Status.ShouldBe(HealthStatus.Degraded);
        first.Description.ShouldBe("'orders' has no connection to its cluster and tries again: The connection was interrupted by the program.; "
            + "node 'kitchen' has no connection to its cluster and tries again: The connection was interrupted by the program.");
        second.Status.ShouldBe(HealthStatus.Unhealthy);
        second.Description.ShouldBe("'orders' has no connection to its cluster for 30 s: The connection was interrupted by the program.; "
            + "node 'kitchen' has no connection to its cluster for 30 s: The connection was interrupted by the program.");
        foreach (string member in (string[])["orders", "ann"]) _transport.Restore(member);
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);
        await host.StopAsync();
    }

    [ThreadFact]
    public async Task An_executor_that_cannot_connect_is_unhealthy()
    {
        _transport.IsDown = true;
        using var host = Build(services => services.AddCluster("orders", _ => _transport, static options => options with { ConnectTimeout = TimeSpan.Zero }));
        var executor = host.Services.GetRequiredService<ClusterExecutor>();
        await Should.ThrowAsync<ClusterConnectionException>(() => executor.ConnectAsync());

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Unhealthy);
        report.Description.ShouldBe("'orders' cannot connect to its cluster: no broker");
    }

    [ThreadFact]
    public async Task Tasks_that_wait_while_no_node_has_reported_are_unhealthy()
    {
        using var host = Build(services => services.AddCluster("orders", _ => _transport));
        var executor = host.Services.GetRequiredService<ClusterExecutor>();
        await executor.ConnectAsync();
        var waiting = executor.Submit(static () => 1);
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        _clock.Advance(TimeSpan.FromSeconds(30));

        var report = await CheckAsync(host);
        report.Status.ShouldBe(HealthStatus.Unhealthy);
        report.Description.ShouldBe("'orders' has 1 queued tasks, none has run or completed for 30 s, and no node has reported to it");
        waiting.Cancel();
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [ThreadFact]
    public async Task A_node_that_receives_nothing_while_messages_wait_is_unhealthy()
    {
        using var host = Build(services => services.AddClusterNode("kitchen", _ => _transport, static options => options with { Name = "ann", Workers = 2 }));
        await host.StartAsync();
        var node = host.Services.GetRequiredService<ClusterNode>();
        await TestTimeout.UntilAsync(() => node.GetStatistics().Connection.State == ClusterConnectionState.Connected);
        await using var executor = new ClusterExecutor(_transport, new() { Name = "owner" });
        await executor.ConnectAsync();
        await _transport.Of("ann").SetCreditAsync(0); // as a broker that has lost the subscription
        await _transport.Of("owner").PublishAsync(TaskPriority.Normal, new byte[1]);
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        _clock.Advance(TimeSpan.FromSeconds(30));

        var report = await CheckAsync(host);
        report.Status.ShouldBe(HealthStatus.Unhealthy);
        report.Description.ShouldBe("node 'kitchen' has 2 idle workers and has received nothing for 30 s, although messages wait in the queues");
        report.Data["node kitchen"].ShouldBeOfType<ClusterNodeStatistics>().Node.ShouldBe("ann");
        await _transport.Of("ann").SetCreditAsync(3);
        await TestTimeout.UntilAsync(() => node.GetStatistics().ReceivedMessages == 1);
        (await CheckAsync(host)).Status.ShouldNotBe(HealthStatus.Unhealthy);
        await host.StopAsync();
    }

    [ThreadFact]
    public async Task A_node_that_has_refused_messages_lately_is_degraded()
    {
        using var host = Build(services => services.AddClusterNode("kitchen", _ => _transport, static options => options with { Name = "ann" }));
        await host.StartAsync();
        var node = host.Services.GetRequiredService<ClusterNode>();
        await TestTimeout.UntilAsync(() => node.GetStatistics().Connection.State == ClusterConnectionState.Connected);
        await _transport.Of("ann").PublishAsync(TaskPriority.Normal, new byte[1]);
        await TestTimeout.UntilAsync(() => node.RefusedMessages == 1);

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Degraded);
        report.Description.ShouldBe("node 'kitchen' has refused 1 messages, some of them lately: compare the keys and the clocks of the members");
        _clock.Advance(TimeSpan.FromSeconds(30));
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);
        await host.StopAsync();
        (await CheckAsync(host)).Description.ShouldBe("node 'kitchen' leaves its cluster");
    }

    [ThreadFact]
    public async Task A_node_without_a_start_is_healthy()
    {
        using var host = Build(services => services.AddClusterNode("kitchen", _ => _transport));

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Healthy);
        report.Data["node kitchen"].ShouldBe("not started");
    }

    [ProcessFact]
    public async Task A_node_that_cannot_start_workers_is_unhealthy()
    {
        using var host = Build(services => services.AddClusterNode(
            "kitchen", _ => _transport, static options => options with { Workers = 1, WorkerOptions = new() { WorkingDirectory = "/does/not/exist" } }));
        await host.StartAsync();
        await using var executor = new ClusterExecutor(_transport);
        await Should.ThrowAsync<WorkerStartException>(() => executor.Submit(static () => 1).AsTask().WaitAsync(TestTimeout.Wait));

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Unhealthy);
        report.Description!.ShouldStartWith("node 'kitchen' cannot start workers: ");
        await host.StopAsync();
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["samovar"];

    private IHost Build(Action<SamovarBuilder> add) => TestHost.Build(services =>
    {
        services.AddSingleton<TimeProvider>(_clock);
        services.AddHealthChecks().AddSamovar();
        add(services.AddSamovar());
    });
}
