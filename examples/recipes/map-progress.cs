#:project ../../src/Samovar/Samovar.csproj
#:package Spectre.Console
#:property PublishAot=false

// A progress bar for a map, drawn with Spectre.Console, and then how the workers spent the time.

using Samovar;
using Spectre.Console;

await using var pool = new ProcessExecutor(new() { Workers = 2 });
int[] limits = [.. Enumerable.Range(0, 300).Select(static i => i == 17 ? 400_000 : 20_000)];

var progress = new MapProgress { Name = "primes", DescribeItem = static limit => $"up to {limit:N0}" };
var map = pool.ForEachAsync(limits, static limit => _ = Primes.Count(limit), new() { TotalProgress = progress });
await Bar.ShowAsync(progress, map);
Console.WriteLine(progress.GetInsights());

internal static class Bar
{
    /// <summary>Draws a bar until the map is over, and throws its error.</summary>
    public static async Task ShowAsync(MapProgress progress, Task map)
    {
        await AnsiConsole.Progress()
            .AutoRefresh(false)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async display =>
            {
                var bar = display.AddTask(progress.Name ?? "map");
                while (true)
                {
                    bool isOver = map.IsCompleted; // before the snapshot, so that the last one is drawn
                    var now = progress.GetSnapshot();
                    bar.IsIndeterminate = now.Total is null && !isOver;
                    bar.MaxValue = Math.Max(1, now.Total ?? now.Completed);
                    bar.Value = now.Completed;
                    bar.Description = Markup.Escape(now.ToString());
                    display.Refresh();
                    if (isOver) break;
                    await Task.WhenAny(map, Task.Delay(100));
                }
            });
        await map;
    }
}

internal static class Primes
{
    public static int Count(int limit)
    {
        int count = 0;
        for (int number = 2; number < limit; number++)
        {
            bool isPrime = true;
            for (int factor = 2; factor * factor <= number && isPrime; factor++) isPrime = number % factor != 0;
            if (isPrime) count++;
        }

        return count;
    }
}
