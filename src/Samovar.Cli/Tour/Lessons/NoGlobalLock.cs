using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>Work that needs the processor, on threads and in processes; and what Python's threads make of such.</summary>
internal sealed class NoGlobalLock : Lesson
{
    private const int Parts = 8;
    private const int EachPart = 250_000;

    private const string Python = """
        import threading, time
        def work():
            n = 0
            while n < 2_000_000: n += 1
        def timed(f):
            start = time.perf_counter(); f(); return time.perf_counter() - start
        def threads():
            ts = [threading.Thread(target=work) for _ in range(2)]
            for t in ts: t.start()
            for t in ts: t.join()
        print(timed(lambda: (work(), work())), timed(threads))
        """;

    public override int Number => 5;

    public override string Title => "No global lock";

    public override string Work => "the primes below 2,000,000 are counted, in eight parts.";

    public override async Task TeachAsync(Classroom room)
    {
        int cores = Environment.ProcessorCount;
        await using var threads = new ThreadExecutor(new() { Workers = cores });
        await using var processes = new ProcessExecutor(new() { Workers = cores });
        await processes.WarmUpAsync(cores);
        var eachByItself = new MapOptions { BatchSize = 1 };
        await room.TimeAsync("one after another", static () => Enumerable.Range(0, Parts).Sum(CountPrimes), Show);
        await room.TimeAsync($"on {cores} threads", async () => await threads.Map(Enumerable.Range(0, Parts), CountPrimes, eachByItself).SumAsync(), Show);
        await room.TimeAsync($"in {cores} processes", async () => await processes.Map(Enumerable.Range(0, Parts), CountPrimes, eachByItself).SumAsync(), Show);
        await AskPythonAsync(room);
    }

    private static int CountPrimes(int part)
    {
        int count = 0;
        for (int n = 2 + (part * EachPart); n < 2 + ((part + 1) * EachPart); n++)
        {
            int d = 2;
            while (d * d <= n && n % d != 0) d++;
            if (d * d > n) count++;
        }

        return count;
    }

    private static string Show(int primes) => $"{primes:N0} primes";

    private static async Task AskPythonAsync(Classroom room)
    {
        string[] seconds;
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Python]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            seconds = (await python.StandardOutput.ReadToEndAsync(room.Cancellation)).Split();
        }
        catch (Win32Exception)
        {
            room.Say("Python is not here to be asked.");
            return;
        }

        if (seconds is not [var alone, var together, ..] || !TryParse(alone, out double first) || !TryParse(together, out double second))
        {
            room.Say("Python is here, and does not answer.");
            return;
        }

        room.Compare();
        room.Add("Python: other work, twice", TimeSpan.FromSeconds(first), "4,000,000 counted");
        room.Add("Python: on two threads", TimeSpan.FromSeconds(second), "4,000,000 counted");
    }

    private static bool TryParse(string text, out double seconds) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) && seconds > 0;
}
