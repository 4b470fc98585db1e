#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using System.Diagnostics;
using Samovar;

Executor threads = new ThreadExecutor(new() { Workers = Environment.ProcessorCount });
Executor processes = new ProcessExecutor(new() { Workers = Environment.ProcessorCount });   // the one line that changes

foreach (Executor executor in (Executor[])[threads, processes])
{
    await using (executor)
    {
        foreach (string round in (string[])["first", "second", "third"])                    // the first one starts workers and compiles
        {
            long start = Stopwatch.GetTimestamp();
            int primes = 0;
            await foreach (int count in executor.Map(Enumerable.Range(0, 20), CountPrimes)) primes += count;
            Console.WriteLine($"{executor.GetType().Name}, {round} time: {primes} primes in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        }
    }
}

static int CountPrimes(int part) =>
    Enumerable.Range(2 + (part * 10_000), 10_000).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
