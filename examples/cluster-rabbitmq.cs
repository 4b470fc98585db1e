#:project ../src/Samovar/Samovar.csproj
#:project ../src/Samovar.RabbitMQ/Samovar.RabbitMQ.csproj
#:property PublishAot=false

// A cluster over RabbitMQ. `node NAME` makes this machine a node, which leaves on Ctrl-C or SIGTERM. Without arguments, the program submits a minute
// of work to the nodes. `--in-memory` needs neither a broker nor nodes.

using System.Runtime.InteropServices;
using Samovar;

string address = Environment.GetEnvironmentVariable("CLUSTER_BROKER") ?? "amqp://guest:guest@localhost:5672";
string? secrets = Environment.GetEnvironmentVariable("CLUSTER_KEYS");    // name:secret
var keys = secrets is null ? null : ClusterKeys.Parse(secrets);          // a broker on this machine works without keys

if (args is ["node", ..])
{
    await using var node = new ClusterNode(new RabbitMQTransport(address), new() { Name = args.ElementAtOrDefault(1), Keys = keys, Workers = 2 });
    using var leave = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
    Console.WriteLine($"{node.Name} takes tasks");
    await node.RunAsync(leave.Token);
    Console.WriteLine($"{node.Name} has left");
    return;

    void Leave(PosixSignalContext signal)
    {
        signal.Cancel = true;                                            // the node completes its tasks first
        leave.Cancel();
    }
}

bool isInMemory = args is ["--in-memory"];
await using ClusterExecutor cluster = isInMemory
    ? ClusterExecutor.InMemory(nodes: 2, workers: 2)
    : new(new RabbitMQTransport(address), new() { Keys = keys });
await cluster.ConnectAsync();                                            // throws if the broker cannot be reached

var options = new TaskOptions { Retry = new() { MaxAttempts = 3 } };     // without it, the tasks of a lost node fail
var orders = Enumerable.Range(1, isInMemory ? 8 : 240).Select(order => cluster.Submit(() => Brew(order), options)).ToList();
await foreach (var order in Futures.AsCompleted(orders))
    Console.WriteLine($"{await order} by {order.Worker?.Name}{(order.Attempt == 1 ? "" : $", attempt {order.Attempt}")}");

static string Brew(int order)
{
    Thread.Sleep(TimeSpan.FromSeconds(1));
    return $"order {order}";
}
