#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

await using var pool = new ThreadExecutor(new() { Workers = 4, Name = "kitchen" });

// Results in the order of completion, not of submission.
Future<string>[] drinks = [Brew("samovar tea", 60), Brew("espresso", 20), Brew("cocoa", 40)];
await foreach (var drink in Futures.AsCompleted(drinks)) Console.WriteLine($"ready: {await drink}");

// Three attempts, with growing delays between them. A failing attempt does not affect other tasks.
int attempts = 0;
string lit = await pool.Submit(
    () => ++attempts < 3 ? throw new InvalidOperationException("the match went out") : $"lit at attempt {attempts}",
    new() { Retry = new() { MaxAttempts = 5, Delay = TimeSpan.FromMilliseconds(5) } });
Console.WriteLine(lit);

// A timeout starts when the task starts running, not when it is submitted.
var slow = pool.Submit(
    async stop => await Task.Delay(TimeSpan.FromHours(1), stop),
    new() { Name = "watching the pot", Timeout = TimeSpan.FromMilliseconds(50) });
try
{
    await slow;
}
catch (TaskTimeoutException late)
{
    Console.WriteLine(late.Message);
}

// A task reports its progress; any holder of the future sees it, and so does the handler.
var counting = pool.Submit(
    () =>
    {
        for (int step = 1; step <= 4; step++) TaskContext.Current!.Report(step / 4.0, $"cup {step}");
    },
    new() { Progress = new Display() });
await counting;
Console.WriteLine($"{counting.Name ?? "task"} {counting.Id}: {counting.State} on {counting.Worker}");

// The caller chooses which futures to wait for, and for how long. WaitAsync does not throw the tasks' exceptions.
var (done, pending) = await Futures.WaitAsync(
    [Brew("kvass", 10), Brew("mead", 60_000)], WaitFor.FirstCompleted, timeout: TimeSpan.FromSeconds(30));
Console.WriteLine($"{done.Count} done, {pending.Count} pending");
pending[0].Cancel();

Future<string> Brew(string drink, int milliseconds) =>
    pool.Submit(async stop =>
    {
        await Task.Delay(milliseconds, stop);
        return drink;
    });

internal sealed class Display : IProgress<TaskProgress>
{
    public void Report(TaskProgress value) => Console.WriteLine($"{value.Fraction:P0} {value.Message}");
}
