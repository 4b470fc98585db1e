using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Samovar.Hosting.Tests;

/// <summary>Executors and nodes of clusters as services.</summary>
public sealed class ClusterTests
{
    private static readonly string s_keys = $"one:{Convert.ToBase64String(new byte[32])}";

    [ProcessFact]
    public async Task An_executor_and_a_node_in_a_host_run_tasks_and_share_the_transport_of_the_container()
    {
        using var host = TestHost.Build(out var log, static services =>
        {
            services.AddSingleton<ClusterTransport>(new InMemoryTransport());
            services.AddSamovar(static options => options with { StartEagerly = true })
                .AddCluster("orders", Transport)
                .AddClusterNode("kitchen", Transport, static options => options with { Name = "ann", Workers = 1, WorkerOptions = new() { InProcess = true } });
        });
        await host.StartAsync();

        var executor = host.Services.GetRequiredKeyedService<ClusterExecutor>("orders");
        var future = executor.Submit(static () => 1);

        (await future).ShouldBe(1);
        future.Worker!.Name.ShouldStartWith("orders ann");
        host.Services.GetRequiredService<ClusterExecutor>().ShouldBeSameAs(executor);
        host.Services.GetRequiredKeyedService<Executor>("orders").ShouldBeSameAs(executor);
        var node = host.Services.GetRequiredKeyedService<ClusterNode>("kitchen");
        node.Name.ShouldBe("ann");
        host.Services.GetRequiredService<ClusterNode>().ShouldBeSameAs(node);
        await host.StopAsync();

        node.GetStatistics().IsLeaving.ShouldBeTrue();
        log.Log.ShouldContain("Information: Executor 'orders' is connected to the cluster 'default' through memory at memory.");
        log.Log.ShouldContain("Information: Node 'ann' is connected to the cluster 'default' through memory at memory.");
    }

    [ProcessFact]
    public async Task A_stop_completes_the_tasks_of_an_executor_whose_node_is_in_the_same_host()
    {
        using var host = TestHost.Build(static services =>
        {
            services.AddSingleton<ClusterTransport>(new InMemoryTransport());
            services.AddSamovar().AddCluster("orders", Transport)
                .AddClusterNode("kitchen", Transport, static options => options with { Workers = 1, WorkerOptions = new() { InProcess = true } });
        });
        await host.StartAsync();
        var executor = host.Services.GetRequiredService<ClusterExecutor>();
        var futures = Enumerable.Range(0, 50).Select(i => executor.Submit(() => i)).ToList();

        await host.StopAsync();

        futures.ConvertAll(static future => future.State).ShouldAllBe(static state => state == FutureState.Succeeded);
    }

    [ThreadFact]
    public async Task A_node_connects_when_its_broker_is_there()
    {
        var clock = new ManualTimeProvider();
        var transport = new FlakyTransport { IsDown = true };
        using var host = TestHost.Build(out var log, services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            services.AddSamovar().AddClusterNode("kitchen", _ => transport, static options => options with { Name = "ann" });
        });
        await host.StartAsync(); // does not wait for the broker
        await clock.WhenArmedAsync(TimeSpan.FromMilliseconds(100));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        await clock.WhenArmedAsync(TimeSpan.FromMilliseconds(200));
        var node = host.Services.GetRequiredService<ClusterNode>();
        node.GetStatistics().Connection.ShouldBe(new ClusterConnectionStatus { Error = "no broker" });
        transport.Attempts.ShouldBe(2);

        transport.IsDown = false;
        clock.Advance(TimeSpan.FromMilliseconds(200));

        await TestTimeout.UntilAsync(() => node.GetStatistics().Connection.State == ClusterConnectionState.Connected);
        log.Log.Count(static line => line == "Warning: Node 'ann' cannot connect to the cluster 'default': no broker").ShouldBe(1);
        await host.StopAsync();
    }

    [ThreadFact]
    public async Task A_host_stops_while_its_node_tries_to_connect()
    {
        using var host = TestHost.Build(static services =>
            services.AddSamovar().AddClusterNode("kitchen", static _ => new FlakyTransport { IsDown = true }));
        await host.StartAsync();

        await host.StopAsync().WaitAsync(TestTimeout.Wait);

        host.Services.GetRequiredService<ClusterNode>().GetStatistics().IsLeaving.ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_node_completes_its_running_tasks_when_the_host_stops()
    {
        var transport = new InMemoryTransport();
        using var host = TestHost.Build(services => services.AddSamovar()
            .AddClusterNode("kitchen", _ => transport, static options => options with { Name = "ann", Workers = 1, WorkerOptions = new() { InProcess = true } }));
        await host.StartAsync();
        await using var executor = new ClusterExecutor(transport);
        var future = executor.Submit(static () =>
        {
            s_begun.Set();
            s_go.Wait();
            return 1;
        });
        s_begun.Wait(TestTimeout.Wait).ShouldBeTrue();

        var stop = host.StopAsync();
        await TestTimeout.UntilAsync(() => host.Services.GetRequiredService<ClusterNode>().GetStatistics().IsLeaving);
        stop.IsCompleted.ShouldBeFalse();
        s_go.Set();
        await stop.WaitAsync(TestTimeout.Wait);

        (await future).ShouldBe(1);
    }

    [ThreadFact]
    public void Keys_come_from_the_configuration_or_the_container()
    {
        var keys = new ClusterKeys("two", new byte[16]);
        ClusterExecutorOptions? executor = null;
        ClusterNodeOptions? node = null;
        using var host = TestHost.Build(
            services =>
            {
                services.AddSingleton(keys);
                services.AddSamovar().AddCluster("orders", Memory, options => executor = options).AddClusterNode("kitchen", Memory, options => node = options)
                    .AddCluster("others", Memory);
            },
            ("Samovar:Executors:others:Keys", s_keys), ("Samovar:Nodes:kitchen:Keys", s_keys));

        host.Services.GetRequiredService<ClusterExecutor>().ShouldNotBeNull();
        _ = host.Services.GetRequiredService<ClusterNode>();

        executor!.Keys.ShouldBeSameAs(keys);
        node!.Keys.ShouldBeSameAs(keys); // the configuration overrides it afterwards
        var nodes = host.Services.GetRequiredService<Samovar.Hosting.Registrations.HostedNodes>();
        nodes.Entries.Single().Options!.Keys!.SigningId.ShouldBe("one");
        var executors = host.Services.GetRequiredService<SamovarExecutors>();
        ((ClusterExecutorOptions)executors.SettingsOf(executors.Entries[1]).Options).Keys!.SigningId.ShouldBe("one");
    }

    [ThreadFact]
    public async Task A_key_that_cannot_be_read_fails_the_start_without_the_secret()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddCluster("orders", Memory), ("Samovar:Executors:orders:Keys", "one:secret!"));

        var error = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        error.Message.ShouldStartWith("Samovar:Executors:orders:Keys is no ring of keys, such as name1:secret1,name2:secret2. Key 1 of 1 ");
        error.Message.ShouldNotContain("secret!");
    }

    [ThreadFact]
    public async Task A_node_without_keys_whose_messages_leave_the_machine_fails_the_start()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddClusterNode("kitchen", static _ => new FlakyTransport { IsRemote = true }));

        (await Should.ThrowAsync<InvalidOperationException>(() => host.StartAsync())).Message.ShouldContain("ClusterNodeOptions.Keys");
    }

    [ThreadFact]
    public void The_options_of_a_node_and_of_its_workers_can_be_configured()
    {
        using var host = TestHost.Build(
            static services => services.AddSamovar().AddClusterNode("kitchen", Memory, static options => options with { Workers = 9 }).AddClusterNode("", Memory),
            ("Samovar:Nodes:kitchen:Name", "ann"), ("Samovar:Nodes:kitchen:Cluster", "shop"), ("Samovar:Nodes:kitchen:Workers", "3"),
            ("Samovar:Nodes:kitchen:Resources:gpu", "2"), ("Samovar:Nodes:kitchen:Resources:memory", "64e9"),
            ("Samovar:Nodes:kitchen:DrainTimeout", "00:01:00"), ("Samovar:Nodes:kitchen:MaxMessageAge", "1.00:00:00"),
            ("Samovar:Nodes:kitchen:WorkerOptions:MaxTasksPerWorker", "7"), ("Samovar:Nodes:Default:Workers", "2"));
        var nodes = host.Services.GetRequiredService<Samovar.Hosting.Registrations.HostedNodes>();

        var options = nodes.OptionsOf(nodes.Entries[0]);

        (options.Name, options.Cluster, options.Workers, options.DrainTimeout, options.MaxMessageAge, options.WorkerOptions.MaxTasksPerWorker)
            .ShouldBe(("ann", "shop", 3, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), 7));
        options.Resources.ShouldBe(new ResourceAmounts { ["gpu"] = 2, ["memory"] = 64e9 });
        nodes.OptionsOf(nodes.Entries[1]).Workers.ShouldBe(2);
        nodes.Plain().ShouldBeSameAs(host.Services.GetRequiredKeyedService<ClusterNode>(""));
    }

    [ThreadFact]
    public async Task Every_mistake_in_the_configuration_of_nodes_is_reported()
    {
        using var host = TestHost.Build(
            static services => services.AddSamovar().AddThreadExecutor("io").AddClusterNode("kitchen", Memory),
            ("Samovar:Executors:io:Workers", "0"), ("Samovar:Nodes:kitchen:Workers", "0"), ("Samovar:Nodes:kitchen:Wrokers", "1"),
            ("Samovar:Nodes:kitchen:WorkerOptions:Workers", "1"), ("Samovar:Nodes:kitchen:LoggerFactory", "x"),
            ("Samovar:Nodes:kitchen:Resources:gpu", "two"), ("Samovar:Nodes:kitchen:WorkerOptions:Resources:gpu", "2"));

        var error = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        error.Failures.ShouldContain("Samovar:Nodes:kitchen:Workers is '0': Workers must be from 1 to 4,096.");
        error.Failures.ShouldContain("Samovar:Nodes:kitchen:Wrokers is no option of this node. The known keys are Cluster, DrainTimeout, Keys, MaxMessageAge, Name, ProgramFolder, Resources, RunsOtherPrograms, WorkerOptions, Workers.");
        error.Failures.ShouldContain(static failure => failure.StartsWith("Samovar:Nodes:kitchen:WorkerOptions:Workers is set by code only. The known keys are CancellationGrace, ", StringComparison.Ordinal));
        error.Failures.ShouldContain(static failure => failure.StartsWith("Samovar:Nodes:kitchen:LoggerFactory is set by code only.", StringComparison.Ordinal));
        error.Failures.ShouldContain("Samovar:Nodes:kitchen:Resources:gpu is 'two': it must be a number.");
        error.Failures.ShouldContain(static failure => failure.StartsWith("Samovar:Nodes:kitchen:WorkerOptions:Resources is set by code only.", StringComparison.Ordinal));
        error.Failures.Count().ShouldBe(7);
    }

    [ThreadFact]
    public async Task A_section_without_a_node_is_a_warning()
    {
        using var host = TestHost.Build(out var log, static services => services.AddSamovar().AddClusterNode("kitchen", Memory), ("Samovar:Nodes:kitchne:Workers", "1"));

        await host.StartAsync();
        await host.StopAsync();

        log.Log.ShouldContain("Warning: Samovar:Nodes:kitchne has no effect: there is no such node. The registered nodes are 'kitchen'.");
    }

    [ThreadFact]
    public void A_name_of_a_node_in_use_is_refused_and_an_executor_may_have_the_same()
    {
        var builder = new ServiceCollection().AddSamovar().AddCluster("orders", Memory).AddClusterNode("orders", Memory);

        Should.Throw<ArgumentException>(() => builder.AddClusterNode("orders", Memory)).Message
            .ShouldStartWith("Node 'orders' cannot be added: that name is in use. The registered nodes are 'orders'.");
    }

    [ThreadFact]
    public async Task An_eager_executor_fails_the_start_if_its_broker_is_not_there()
    {
        using var host = TestHost.Build(static services => services.AddSamovar(static options => options with { StartEagerly = true })
            .AddCluster("orders", static _ => new FlakyTransport { IsDown = true }, static options => options with { ConnectTimeout = TimeSpan.Zero }));

        (await Should.ThrowAsync<ClusterConnectionException>(() => host.StartAsync())).Message.ShouldBe("no broker");
    }

    [ThreadFact]
    public void A_delegate_that_returns_no_transport_is_reported()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddCluster("orders", static _ => null!).AddClusterNode("kitchen", static _ => null!));

        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<ClusterExecutor>()).Message
            .ShouldBe("The delegate that creates the transport of executor 'orders' has returned null.");
        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<ClusterNode>()).Message
            .ShouldBe("The delegate that creates the transport of node 'kitchen' has returned null.");
    }

    private static readonly ManualResetEventSlim s_begun = new();
    private static readonly ManualResetEventSlim s_go = new();

    private static ClusterTransport Transport(IServiceProvider services) => services.GetRequiredService<ClusterTransport>();

    private static ClusterTransport Memory(IServiceProvider services) => new InMemoryTransport();
}
