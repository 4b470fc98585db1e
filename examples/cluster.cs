#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A cluster without a broker: two nodes in this program, each with one worker process. cluster-rabbitmq.cs has its nodes on other machines.

using Samovar;

await using var cluster = ClusterExecutor.InMemory(nodes: 2, workers: 1);

int limit = 1_000_000;
int primes = await cluster.Submit(() => CountPrimes(limit));             // the closure travels to a worker of one of the nodes
Console.WriteLine($"{primes} primes below {limit}");

await foreach (int count in cluster.Map([10, 1_000, 100_000], CountPrimes))   // each item is a task, on any node; the results keep their order
    Console.WriteLine(count);

// A crash costs one task.
var crash = cluster.Submit(() => Environment.FailFast("out of tea"));
try
{
    await crash;
}
catch (WorkerCrashedException error)
{
    Console.WriteLine($"task {error.TaskId}, attempt {error.Attempt}: {error.GetType().Name}");
}

// A task with a retry survives a crash, and the loss of its node: it starts again in another process.
string brewed = await cluster.Submit(
    () =>
    {
        int attempt = TaskContext.Current!.Attempt;
        if (attempt == 1) Environment.FailFast("out of tea");
        return $"brewed at attempt {attempt}";
    },
    new() { Retry = new() { MaxAttempts = 3 } });
Console.WriteLine(brewed);

// For tests: a transport that delivers messages twice, and late. Each task still runs once.
var faults = new InMemoryFaults { DuplicateRate = 0.5, MaxDelay = TimeSpan.FromMilliseconds(20), Seed = 1 };
await using var flaky = ClusterExecutor.InMemory(nodes: 2, transport: new InMemoryTransport(faults));
Console.WriteLine($"{await flaky.Map(Enumerable.Range(1, 100), n => n * n).SumAsync()} is the sum of 100 squares");

// Files that the work needs travel with the program. Their node is the same program, but runs the work in its copy, which has the files.
var temporary = Directory.CreateTempSubdirectory("samovar-example-");
var words = temporary.CreateSubdirectory("words");
File.WriteAllText(Path.Combine(words.FullName, "first.txt"), "tea");
var copies = new ClusterNodeOptions { ProgramFolder = Path.Combine(temporary.FullName, "programs") };
var folders = new Dictionary<string, string> { ["words"] = words.FullName };
await using (var withFiles = ClusterExecutor.InMemory(options: new() { Folders = folders }, nodeOptions: copies))
{
    string first = await withFiles.Submit(() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "words", "first.txt")));
    Console.WriteLine($"the first word is {first}");
}

temporary.Delete(recursive: true);

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
