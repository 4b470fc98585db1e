#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Retries with delays between attempts, and a timeout for each attempt.

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2, CancellationGrace = TimeSpan.FromMilliseconds(50) });

TaskOptions patient = new()
{
    Name = "price of tea",
    Timeout = TimeSpan.FromSeconds(0.5),                                 // of each attempt, from its start
    Retry = new()
    {
        MaxAttempts = 5,
        Delay = TimeSpan.FromMilliseconds(20),                           // then about 40, 80, … with jitter
        RetryOn = error => error is IOException or TimeoutException,     // nothing else is worth another attempt
    },
};

var price = pool.Submit(static () => AskPrice(TaskContext.Current!.Attempt), patient);
Console.WriteLine($"{await price} at attempt {price.Attempt}");

var broken = pool.Submit(static () => AskPrice(attempt: 0), patient);
await Futures.WaitAsync([broken]);
Console.WriteLine($"attempt {broken.Attempt}: {broken.Exception!.Message}");

// A whole map with a timeout of its own: completed items are returned, the rest is cancelled.
int[] waits = [1, 2, 60_000, 60_000, 3];
int ended = 0;
try
{
    await foreach (var outcome in pool.MapOutcomes(
        waits, static (wait, stop) => stop.WaitHandle.WaitOne(wait), new() { Ordered = false, TotalTimeout = TimeSpan.FromSeconds(0.5) }))
    {
        ended++;
    }
}
catch (TimeoutException)
{
    Console.WriteLine($"{ended} of {waits.Length} ended in time");
}

static int AskPrice(int attempt)
{
    switch (attempt)
    {
        case 0: throw new ArgumentException("no such tea");
        case 1: throw new IOException("connection reset");
        case 2: while (true) { }
        default: return 42;
    }
}
