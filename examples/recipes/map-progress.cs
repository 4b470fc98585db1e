#:project ../../src/Samovar/Samovar.csproj
#:package Spectre.Console
#:property PublishAot=false

// A progress bar for a map, drawn with Spectre.Console, and then how the workers spent the time.

using Samovar;
using Spectre.Console;

await using var pool = new ProcessExecutor(new() { Workers = 2 });
int[] limits = [.. Enumerable.Range(0, 300).Select(static i => i == 17 ? 1_000_000 : 20_000)];

var progress = new MapProgress { Name = "primes", DescribeItem = static limit => $"up to {limit:N0}" };
var map = pool.ForEachAsync(limits, static limit => _ = Primes.Count(limit), new() { TotalProgress = progress });
await ShowAsync(progress, map);
Console.WriteLine(progress.GetInsights());

// Draws a bar until the map has completed, and throws its error.
static async Task ShowAsync(MapProgress progress, Task map)
{
    var columns = new ProgressColumn[] { new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left } };
    await AnsiConsole.Progress().AutoRefresh(false).Columns(columns).StartAsync(async display =>
    {
        var bar = display.AddTask(progress.Name ?? "map");
        bool hasCompleted;
        do
        {
            hasCompleted = await Task.WhenAny(map, Task.Delay(100)) == map;
            var now = progress.GetSnapshot();
            bar.IsIndeterminate = now.Total is null && now.IsRunning;
            bar.MaxValue = Math.Max(1, now.Total ?? now.Completed);
            bar.Value = now.Completed;
            bar.Description = Markup.Escape(now.ToString());
            display.Refresh();
        }
        while (!hasCompleted);
    });
    await map;
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
