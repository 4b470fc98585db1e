#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A machine with two GPUs and 16 GiB of memory for tasks: jobs wait until what they need is free, and each learns which GPU is its own.

using Samovar;

const long GiB = 1L << 30;

await using var pool = new ProcessExecutor(new() { Name = "lab", Workers = 4, Resources = { ["gpu"] = 2, ["memory"] = 16 * GiB } });

TaskOptions train = new() { Requires = { ["gpu"] = 1, ["memory"] = 4 * GiB } };
TaskOptions merge = new() { Requires = { ["gpu"] = 2 } };

var models = Enumerable.Range(1, 4).Select(number => pool.Submit(
    () =>
    {
        int gpu = TaskContext.Current!.Resources["gpu"].Indexes[0];   // for example for CUDA_VISIBLE_DEVICES
        Thread.Sleep(50);
        return $"model {number} was trained on GPU {gpu}";
    },
    train)).ToList();

// It needs both GPUs. Later tasks with one GPU do not overtake it; tasks that need no GPU do.
var merged = pool.Submit(() => $"merged with {TaskContext.Current!.Resources["gpu"].Amount} GPUs", merge);
Console.WriteLine(await pool.Submit(() => "a task that requires nothing starts at once"));

foreach (var resource in pool.GetStatistics().Resources) Console.WriteLine($"{resource.Name}: {resource.Total} in total");
foreach (var model in models) Console.WriteLine(await model);
Console.WriteLine(await merged);

try
{
    _ = pool.Submit(() => "never", new() { Requires = { ["gpu"] = 3 } });
}
catch (InsufficientResourcesException error)
{
    Console.WriteLine(error.Message);
}
