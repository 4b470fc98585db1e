#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Work that needs the processor: threads of .NET run at the same time, those of Python take turns.

using System.ComponentModel;
using System.Diagnostics;
using Samovar;

const int Parts = 8;
int cores = Environment.ProcessorCount;
await using var threads = new ThreadExecutor(new() { Workers = cores });
await using var processes = new ProcessExecutor(new() { Workers = cores });
await processes.ForEachAsync(Enumerable.Range(0, cores * 4), static _ => CountPrimes(0));   // starts the workers and compiles the code
await threads.ForEachAsync(Enumerable.Range(0, cores * 4), static _ => CountPrimes(0));

TimeSpan alone = default;
alone = await MeasureAsync("one after another", () => Task.FromResult(Enumerable.Range(0, Parts).Sum(CountPrimes)));
await MeasureAsync($"{cores} threads", async () => await threads.Map(Enumerable.Range(0, Parts), CountPrimes, new() { BatchSize = 1 }).SumAsync());
await MeasureAsync($"{cores} processes", async () => await processes.Map(Enumerable.Range(0, Parts), CountPrimes, new() { BatchSize = 1 }).SumAsync());
await AskPythonAsync();

static int CountPrimes(int part)
{
    int count = 0;
    for (int n = 2 + (part * 250_000); n < 2 + ((part + 1) * 250_000); n++)
    {
        int d = 2;
        while (d * d <= n && n % d != 0) d++;
        if (d * d > n) count++;
    }

    return count;
}

async Task<TimeSpan> MeasureAsync(string way, Func<Task<int>> work)
{
    long start = Stopwatch.GetTimestamp();
    int primes = await work();
    var took = Stopwatch.GetElapsedTime(start);
    Console.WriteLine($"{way,-18} {primes} primes in {took.TotalMilliseconds,5:0} ms{(alone == default ? "" : $", {alone / took:0.0} times as fast")}");
    return took;
}

async Task AskPythonAsync()
{
    const string Program = """
        import threading, time
        def work():
            n = 0
            while n < 2_000_000: n += 1
        start = time.perf_counter()
        for _ in range(2): work()
        alone = time.perf_counter() - start
        threads = [threading.Thread(target=work) for _ in range(2)]
        start = time.perf_counter()
        for t in threads: t.start()
        for t in threads: t.join()
        print(f"{alone / (time.perf_counter() - start):.1f}")
        """;
    try
    {
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Program]) { RedirectStandardOutput = true })!;
        string answer = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Console.WriteLine($"Python, two threads of such work: {answer.Trim()} times as fast as one after another");
    }
    catch (Win32Exception)
    {
        Console.WriteLine("Python is not installed here.");
    }
}
