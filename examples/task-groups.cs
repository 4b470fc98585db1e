#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

EventLoop.Run(async () =>
{
    // No task outlives the block. The results are available after it.
    GroupTask<string>? tea = null, cake = null;
    await TaskGroup.RunAsync(group =>
    {
        tea = group.Run(() => MakeAsync("tea", 3));
        cake = group.Run(() => MakeAsync("cake", 40));
    });
    Console.WriteLine($"{tea!.Result}, {cake!.Result}");

    // The first failure cancels the other tasks, and is thrown when they have completed.
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

    // A group can return a value, and cancel the remaining tasks when they are no longer needed.
    string fastest = await TaskGroup.RunAsync(group =>
    {
        foreach (var (mirror, minutes) in new[] { ("north", 7), ("south", 2), ("east", 5) })
            group.Run(() => MakeAsync(mirror, minutes));
    }, Joiner.FirstSuccess<string>());
    Console.WriteLine($"fastest: {fastest}");

    // Timeouts nest. Code inside needs no token: sleeps and waits observe the scope in which they run.
    bool isDone = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMinutes(10), async scope =>
    {
        await MakeAsync("coffee", 4);
        scope.CancelAfter(TimeSpan.FromMinutes(1));
        await MakeAsync("second coffee", 4);
    });
    Console.WriteLine(isDone ? "two coffees" : "one coffee, then time was up");

    // A task that signals when it is ready.
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
