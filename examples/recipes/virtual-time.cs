#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Tests code that waits for hours, in milliseconds and deterministically.

using System.Diagnostics;
using Samovar;

long began = Stopwatch.GetTimestamp();
await EventLoop.RunAsync(
    async () =>
    {
        var time = EventLoop.Current!.Time;
        var start = time.GetUtcNow();
        int asked = 0;
        await PollAsync(() => ++asked == 6, TimeSpan.FromMinutes(1), time);
        Console.WriteLine($"asked {asked} times in {time.GetUtcNow() - start}");
    },
    new() { VirtualTime = true });
Console.WriteLine($"and that took less than a second: {Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1)}");

// A seed determines which ready callback runs next. Some of a hundred orders reveal a bug that the usual order hides.
int[] wrong = [.. Enumerable.Range(0, 100).Where(seed => Drink(LoopSchedule.Seeded(seed)) is null)];
Console.WriteLine($"as usual: {Drink(LoopSchedule.InOrder)}");
Console.WriteLine($"in {wrong.Length} of 100 orders the cup is empty; seed {wrong[0]} shows it again: {Drink(LoopSchedule.Seeded(wrong[0])) ?? "nothing"}");

// Accepts any clock: the loop's in a test, TimeProvider.System in production.
static async Task PollAsync(Func<bool> isThere, TimeSpan pause, TimeProvider time)
{
    while (!isThere())
    {
        await Task.Delay(pause, time);
        pause *= 2;
    }
}

static string? Drink(LoopSchedule schedule) => EventLoop.Run(
    async () =>
    {
        string? cup = null, drunk = null;
        await Task.WhenAll(BrewAsync(), DrinkAsync());
        return drunk;

        async Task BrewAsync()
        {
            await EventLoop.SleepAsync(TimeSpan.Zero);                   // another task's turn
            cup = "tea";
        }

        async Task DrinkAsync()
        {
            await EventLoop.SleepAsync(TimeSpan.Zero);
            drunk = cup;                                                 // it has always been set by then…
        }
    },
    new() { VirtualTime = true, Schedule = schedule });
