#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Tasks that complete together, deadlines for all tasks inside, blocking work, and a night in virtual time.

using System.Diagnostics;
using Samovar;

await using var processes = new ProcessExecutor(new() { Workers = 1 });

await EventLoop.RunAsync(async () =>
{
    GroupTask<int>? tea = null;
    await TaskGroup.RunAsync(group =>
    {
        tea = group.Run(() => BrewAsync("tea", 30));
        group.Run(() => BrewAsync("cocoa", 20));
    });
    Console.WriteLine($"the tea has {tea!.Result} letters");

    bool inTime = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(50), async _ =>
    {
        await BrewAsync("espresso", 10);
        await BrewAsync("cold brew", 60_000);
    });
    Console.WriteLine(inTime ? "all is ready" : "the cold brew took too long");

    int primes = await EventLoop.RunOnAsync(processes, () => CountPrimes(100_000));   // the loop keeps running meanwhile
    Console.WriteLine($"{primes} primes, counted elsewhere");
});

long began = Stopwatch.GetTimestamp();
var night = await EventLoop.RunAsync(
    async () =>
    {
        var evening = EventLoop.Current!.Time.GetUtcNow();
        await EventLoop.SleepAsync(TimeSpan.FromHours(8));
        return EventLoop.Current.Time.GetUtcNow() - evening;
    },
    new() { VirtualTime = true });
Console.WriteLine($"slept {night.TotalHours} hours in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");

static async Task<int> BrewAsync(string drink, int milliseconds)
{
    await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(milliseconds));
    Console.WriteLine($"{drink} is ready");
    return drink.Length;
}

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
