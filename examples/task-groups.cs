#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

EventLoop.Run(async () =>
{
    // None outlives the block. Results are there after it.
    GroupTask<string>? tea = null, cake = null;
    await TaskGroup.RunAsync(group =>
    {
        tea = group.Run(() => MakeAsync("tea", 3));
        cake = group.Run(() => MakeAsync("cake", 40));
    });
    Console.WriteLine($"{tea!.Result}, {cake!.Result}");

    // The first failure cancels the others, and comes out when they have ended.
    try
    {
        await TaskGroup.RunAsync(group =>
        {
            group.Run(() => MakeAsync("roast", 90));
            group.Run(async () =>
            {
                await EventLoop.SleepAsync(TimeSpan.FromMinutes(1));
                throw new InvalidOperationException("the oven is cold");
            });
        });
    }
    catch (InvalidOperationException error)
    {
        Console.WriteLine($"no dinner: {error.Message}");
    }

    // What comes out of a group, and when the rest is no longer needed, is a value.
    string fastest = await TaskGroup.RunAsync(group =>
    {
        foreach (var (mirror, minutes) in new[] { ("north", 7), ("south", 2), ("east", 5) })
            group.Run(() => MakeAsync(mirror, minutes));
    }, Joiner.FirstSuccess<string>());
    Console.WriteLine($"fastest: {fastest}");

    // Time limits nest. Code inside needs no token: sleeps and waits obey the scope they stand in.
    bool isDone = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMinutes(10), async scope =>
    {
        await MakeAsync("coffee", 4);
        scope.CancelAfter(TimeSpan.FromMinutes(1));
        await MakeAsync("second coffee", 4);
    });
    Console.WriteLine(isDone ? "two coffees" : "one coffee, then time was up");

    // A task that says when it is ready.
    await TaskGroup.RunAsync(async group =>
    {
        int degrees = await group.StartAsync<int>(async ready =>
        {
            await EventLoop.SleepAsync(TimeSpan.FromMinutes(12));
            ready.Ready(200);
            await EventLoop.SleepAsync(TimeSpan.FromMinutes(30));
        }, name: "oven");
        Console.WriteLine($"the oven is at {degrees} degrees");
    });
}, new() { VirtualTime = true });

static async Task<string> MakeAsync(string what, int minutes)
{
    await EventLoop.SleepAsync(TimeSpan.FromMinutes(minutes));
    return $"{what} after {minutes} minutes";
}
