#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Two coroutines on one thread: one waits 4, the other 5; together they take 5. A unit is a tenth of a second; with the argument
// "virtual" nobody waits at all.

using System.Diagnostics;
using Samovar;

var unit = TimeSpan.FromMilliseconds(100);
var options = new EventLoopOptions { VirtualTime = args is ["virtual"] };

long start = Stopwatch.GetTimestamp();
await EventLoop.RunAsync(
    async () =>
    {
        var time = EventLoop.Current!.Time;
        long began = time.GetTimestamp();
        await Task.WhenAll(CoroutineAsync("coroutine 1", 4), CoroutineAsync("coroutine 2", 5));
        Console.WriteLine($"both are done after {time.GetElapsedTime(began) / unit:0.0} units on the loop's clock");
    },
    options);
Console.WriteLine($"and {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms on ours");

async Task CoroutineAsync(string name, int units)
{
    Console.WriteLine($"{name} is active on the event loop");
    Console.WriteLine($"{name} yields control, for {units} units");
    await EventLoop.SleepAsync(units * unit);
    Console.WriteLine($"{name} resumed, and exits");
}
