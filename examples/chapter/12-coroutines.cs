#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// Two coroutines on one thread: four seconds and five seconds take five, in virtual time.
// In real time: dotnet run examples/chapter/12-coroutines.cs real
var options = new EventLoopOptions { VirtualTime = args is not ["real"] };

EventLoop.Run(async () =>
{
    var loop = EventLoop.Current!;
    long began = loop.Time.GetTimestamp();
    await TaskGroup.RunAsync(group =>
    {
        group.Run(() => CoroutineAsync("coroutine 1", seconds: 4));
        group.Run(() => CoroutineAsync("coroutine 2", seconds: 5));
    });
    Console.WriteLine($"both ended after {loop.Time.GetElapsedTime(began).TotalSeconds:0} seconds");
}, options);

static async Task CoroutineAsync(string name, int seconds)
{
    Console.WriteLine($"{name} is active on the event loop");
    Console.WriteLine($"{name} yields control for {seconds} seconds");
    await EventLoop.SleepAsync(TimeSpan.FromSeconds(seconds));
    Console.WriteLine($"{name} resumes and ends");
}
