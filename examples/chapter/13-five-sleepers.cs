#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// Five sleepers: started, then awaited two seconds later, in virtual time.
// In real time: dotnet run examples/chapter/13-five-sleepers.cs real
var options = new EventLoopOptions { VirtualTime = args is not ["real"] };
var random = new Random(13);

EventLoop.Run(async () =>
{
    Console.WriteLine("starting five sleepers");
    await TaskGroup.RunAsync(async group =>
    {
        for (int i = 0; i < 5; i++)
        {
            int sleeper = i;
            group.Run(() => SleepAsync(sleeper, TimeSpan.FromSeconds(random.NextDouble() * 5)));
        }

        await EventLoop.SleepAsync(TimeSpan.FromSeconds(2));
        Console.WriteLine("two seconds later: waiting for the others");
    });
    Console.WriteLine("all five are awake");
}, options);

static async Task SleepAsync(int sleeper, TimeSpan time)
{
    Console.WriteLine($"{sleeper} sleeps for {time.TotalSeconds:0.00} seconds");
    await EventLoop.SleepAsync(time);
    Console.WriteLine($"{sleeper} awakes");
}
