#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Hosting/Samovar.Hosting.csproj
#:project ../../src/Samovar.RabbitMQ/Samovar.RabbitMQ.csproj
#:property PublishAot=false

// An executor and a node of a cluster as services of a host. The same build is the shop that submits orders (--role shop), the node that fulfils them
// (--role node), each with --ConnectionStrings:broker amqps://… and Samovar__Executors__orders__Keys or Samovar__Nodes__kitchen__Keys in its
// environment; without arguments it is both, in one process and without a broker.

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar;
using Samovar.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
string? role = builder.Configuration["role"];
builder.Services.AddSingleton(CreateTransport);
builder.Services.AddHealthChecks().AddSamovar();
var samovar = builder.Services.AddSamovar();
if (role != "node") samovar.AddCluster("orders", Transport);
if (role != "shop") samovar.AddClusterNode("kitchen", Transport, options => options with { Workers = 2 });
if (role != "node") builder.Services.AddHostedService<Shop>();           // after AddSamovar: it stops before the executor
await builder.Build().RunAsync();

static ClusterTransport Transport(IServiceProvider services) => services.GetRequiredService<ClusterTransport>();

// Without an address, everything is in this process. All members of a process share the transport.
static ClusterTransport CreateTransport(IServiceProvider services) =>
    services.GetRequiredService<IConfiguration>().GetConnectionString("broker") is { } address
        ? new RabbitMQTransport(address, new() { LoggerFactory = services.GetService<ILoggerFactory>() })
        : new InMemoryTransport();

sealed class Shop(
    [FromKeyedServices("orders")] ClusterExecutor orders, IServiceProvider services, HealthCheckService health, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        var retry = new TaskOptions { Retry = new() { MaxAttempts = 3 } };   // without it, the tasks of a lost node fail
        var teas = Enumerable.Range(1, 3).Select(order => orders.Submit(() => Weigh(order), retry)).ToList();
        foreach (var (index, tea) in teas.Index()) Console.WriteLine($"order {index + 1}: {await tea} g of tea");

        Console.WriteLine($"health: {(await health.CheckHealthAsync(stopping)).Status}");
        if (services.GetService<ClusterNode>() is { } node)
            Console.WriteLine($"the node is {node.GetStatistics().Connection.State} and runs {node.Running} tasks");
        lifetime.StopApplication();
    }

    private static int Weigh(int order) => 300 * order;
}
