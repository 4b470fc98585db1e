#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Tasks that take the results of other tasks: on two executors, with a failure on the way, and a tree of combinations.

using Samovar;

await using var threads = new ThreadExecutor(new() { Workers = 2, Name = "downloads" });
await using var processes = new ProcessExecutor(new() { Workers = 2, Name = "parsers" });

// A text is fetched on a thread, parsed in a process, and both results are compared on a thread again.
var text = threads.Submit(() => Fetch("orders.csv"), new() { Name = "fetch orders" });
var total = processes.Submit(text, text => text.Split('\n').Sum(int.Parse), new() { Name = "add up" });
var report = threads.Submit(text, total, (text, total) => $"{text.Length} characters, total {total}");
Console.WriteLine(await report);

// What depends on a task that has failed does not start, and names it.
var missing = threads.Submit(() => Fetch("prices.csv"), new() { Name = "fetch prices" });
var mean = missing.Then(text => text.Split('\n').Average(int.Parse)).Then(mean => $"on average {mean}");
await Futures.WaitAsync([mean]);
Console.WriteLine($"{mean.State}: {mean.Exception!.Message}");

// One task for each part, and one for each combination of two, in the order of the parts.
int[] parts = [1, 2, 3, 4, 5, 6, 7, 8];
var longest = processes.MapReduce(parts, part => new string('*', part % 5), (left, right) => left.Length >= right.Length ? left : right);
Console.WriteLine($"the longest part is {await longest}");

static string Fetch(string name) => name == "orders.csv" ? "12\n30\n8" : throw new FileNotFoundException($"There is no '{name}'.");
