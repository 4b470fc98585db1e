using System.Globalization;
using System.Text.Json;

namespace Samovar.Dashboard.Tests.Child;

/// <summary>Reads commands from its input, a line each, and answers each with a line: "work COUNT", "fail COUNT", "stumble", "hold NAME", "press", "bustle", "crash", "map COUNT", "collect", "loop", "cluster", "refusal", "locks", "statistics".
/// Its first line is "ready", after the log has the link of the dashboard. Stops at the end of its input.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Samovar.Dashboard", LogLevel.Information);
        await using var kettles = new ThreadExecutor(new() { Name = "kettles", Workers = 2 });
        await using var presses = new ProcessExecutor(new() { Name = "presses", Workers = 2 });
        await using var loop = new EventLoop(new() { Name = "waiter" });
        await using var app = builder.Build();
        app.MapSamovar("/samovar", static options => options with { AllowCommands = true });
        await app.StartAsync();
        Console.WriteLine("ready");

        using var stop = new CancellationTokenSource();
        await using var kitchen = new Kitchen();
        while (await Console.In.ReadLineAsync() is { } line) Console.WriteLine(line is "cluster" or "refusal" or "locks" ? await kitchen.RunAsync(line) : await RunAsync(line.Split(' '), kettles, presses, loop, stop.Token));
        await stop.CancelAsync();
        await app.StopAsync();
    }

    private static async Task<string> RunAsync(string[] words, ThreadExecutor kettles, ProcessExecutor presses, EventLoop loop, CancellationToken stop)
    {
        switch (words)
        {
            case ["work", var count]:
                for (int i = 0; i < Number(count); i++) await kettles.Submit(Brew);
                return "worked";
            case ["fail", var count]:
                for (int i = 0; i < Number(count); i++) await kettles.Submit(Spill, new() { Name = "spilling" }).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return "failed";
            case ["stumble"]:
                int tries = 0;
                await kettles.Submit(() => Stumble(ref tries), new() { Name = "stumbling" }).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return "failed";
            case ["hold", var name]:
                _ = kettles.Submit(static token => { token.WaitHandle.WaitOne(); token.ThrowIfCancellationRequested(); }, new TaskOptions { Name = name });
                return "holding";
            case ["press"]:
                return await presses.Submit(static () => "pressed");
            case ["bustle"]:
                await Task.WhenAll(Enumerable.Range(0, 120).Select(i => (i % 3 == 0 ? presses.Submit(() => Toast(i)) : kettles.Submit(() => Toast(i))).AsTask()))
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return "bustled";
            case ["crash"]:
                await presses.Submit(static () => Environment.FailFast("the press broke"), new() { Name = "crashing" }).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return "crashed";
            case ["map", var count]:
                var progress = new MapProgress { Name = "slices", DescribeItem = static slice => $"slice {slice}" };
                await presses.ForEachAsync(Enumerable.Range(0, Number(count)), static _ => { }, new() { TotalProgress = progress }, stop);
                return "mapped";
            case ["collect"]:
                GC.Collect();
                return "collected";
            case ["loop"]:
                _ = loop.Submit(() => TaskGroup.RunAsync(group => group.Run(() => Task.Delay(Timeout.Infinite, stop), "waits for guests"), new() { Name = "guests" }));
                return "looping";
            case ["statistics"]:
                return JsonSerializer.Serialize(new[] { kettles.GetStatistics(), presses.GetStatistics() }.Select(static one => new { one.Executor, one.Succeeded, one.Failed, one.Canceled }));
            default:
                return $"'{string.Join(' ', words)}' is no command";
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Brew() => 42;

    private static void Stumble(ref int tries)
    {
        if (++tries == 1) throw new InvalidOperationException("stumbled at the first try");
    }

    private static void Toast(int slice)
    {
        using var toaster = new ManualResetEventSlim(); // never set: a task that only takes its time
        toaster.Wait(20 + (slice * 37 % 230));
        if (slice % 17 == 16) throw new FormatException("the slice is too thick");
    }

    private static void Spill() => throw new FormatException("no such kettle");
}
