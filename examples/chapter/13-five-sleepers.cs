#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Five sleepers are started; main sleeps two units itself and then waits for them all. A unit is a tenth of a second; with the argument
// "virtual" nobody waits at all.

using Samovar;

var unit = TimeSpan.FromMilliseconds(100);
var random = new Random();

await EventLoop.RunAsync(FiveSleepersAsync, new() { VirtualTime = args is ["virtual"] });
Console.WriteLine("Done five tasks");

async Task FiveSleepersAsync()
{
    Console.WriteLine("Creating five tasks");
    Task[] sleepers = [.. Enumerable.Range(0, 5).Select(RandomSleepAsync)];
    Console.WriteLine("Sleeping after starting five tasks");
    await EventLoop.SleepAsync(2 * unit);
    Console.WriteLine("Waking and waiting for five tasks");
    await Task.WhenAll(sleepers);
}

async Task RandomSleepAsync(int counter)
{
    double units = random.NextDouble() * 5;
    Console.WriteLine($"{counter} sleeps for {units:0.00} units");
    await EventLoop.SleepAsync(units * unit);
    Console.WriteLine($"{counter} awakens");
}
