#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A cluster whose nodes have different resources: two GPUs on one, one on the other. Each task runs on a node that has what it requires.

using Samovar;

var transport = new InMemoryTransport();                                // with a broker, each node is a program on a machine of its own
await using var ann = new ClusterNode(transport, new() { Name = "ann", Workers = 2, Resources = { ["gpu"] = 2 } });
await using var bob = new ClusterNode(transport, new() { Name = "bob", Workers = 2, Resources = { ["gpu"] = 1, ["licence"] = 1 } });
await Task.WhenAll(ann.StartAsync(), bob.StartAsync());
await using var cluster = new ClusterExecutor(transport, new() { Name = "lab" });

TaskOptions train = new() { Requires = { ["gpu"] = 1 } };
TaskOptions merge = new() { Requires = { ["gpu"] = 2 } };               // only ann has two
TaskOptions export = new() { Requires = { ["licence"] = 1 } };          // only bob has one

var models = Enumerable.Range(1, 4).Select(number => cluster.Submit(
    () =>
    {
        int gpu = TaskContext.Current!.Resources["gpu"].Indexes[0];     // of the node on which the task runs
        Thread.Sleep(50);
        return $"model {number} was trained on GPU {gpu}";
    },
    train)).ToList();
var merged = cluster.Submit(() => $"merged with {TaskContext.Current!.Resources["gpu"].Amount} GPUs", merge);
var exported = cluster.Submit(() => "exported", export);

foreach (var model in models) Console.WriteLine($"{await model} of {model.Worker?.Name}");
Console.WriteLine($"{await merged} by {merged.Worker?.Name}");
Console.WriteLine($"{await exported} by {exported.Worker?.Name}");
foreach (var resource in cluster.GetStatistics().Resources) Console.WriteLine($"{resource.Name}: {resource.Total} on all nodes");

// The nodes have three GPUs, but no node has three. This is known when the nodes have had two seconds to appear.
try
{
    Console.WriteLine(await cluster.Submit(() => "never", new() { Requires = { ["gpu"] = 3 } }));
}
catch (InsufficientResourcesException error)
{
    Console.WriteLine(error.Message);
}
