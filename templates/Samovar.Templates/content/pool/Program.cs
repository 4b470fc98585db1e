// Runs work in worker processes, one for each core. Start it with: dotnet run

using Samovar;

ProcessWorker.RunIfWorker(args); // a program published as a single file or self-contained is its own worker; otherwise this does nothing

await using var pool = new ProcessExecutor();

// A lambda and the variables that it reads travel to a worker; the result travels back.
int limit = 100_000;
int primes = await pool.Submit(() => CountPrimes(limit));
Console.WriteLine($"{primes} primes below {limit}");

// Many items: lazy, in order, and one bad item does not affect the others, even if its process crashes.
await foreach (var outcome in pool.MapOutcomes([10, 1_000, -1], CountPrimes))
    Console.WriteLine(outcome.IsSuccess ? $"{outcome.Input}: {outcome.Value}" : $"{outcome.Input}: {outcome.Error?.Message}");

// A task that runs too long is killed with its process; the pool replaces it.
try
{
    await pool.Submit(() => Thread.Sleep(Timeout.Infinite), new() { Timeout = TimeSpan.FromMilliseconds(200) });
}
catch (TaskTimeoutException e)
{
    Console.WriteLine(e.Message);
}

static int CountPrimes(int limit)
{
    ArgumentOutOfRangeException.ThrowIfNegative(limit);
    int count = 0;
    for (int n = 2; n < limit; n++)
    {
        int divisor = 2;
        while ((long)divisor * divisor <= n && n % divisor != 0) divisor++;
        if ((long)divisor * divisor > n) count++;
    }

    return count;
}
