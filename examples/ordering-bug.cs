#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// A single run succeeds: the answers arrive in the order of the questions. Exploration finds an order in which they overtake each other.
try
{
    EventLoop.Explore(SearchBoxAsync, schedules: 100);
    Console.WriteLine("no order breaks it");
}
catch (ScheduleFailedException found)
{
    Console.WriteLine(found.Message);

    // Replays the same order, in a debugger or as a permanent test.
    try
    {
        EventLoop.Replay(SearchBoxAsync, found.Schedule!);
    }
    catch (InvalidOperationException error)
    {
        Console.WriteLine($"replayed: {error.Message}");
    }
}

static async Task SearchBoxAsync()
{
    string shown = "";
    await TaskGroup.RunAsync(group =>
    {
        group.Run(() => SearchAsync("te"));
        group.Run(() => SearchAsync("tea"));
    });
    if (shown != "results for tea") throw new InvalidOperationException($"'tea' was requested last, but '{shown}' is shown");

    async Task SearchAsync(string text)
    {
        string results = await AskServerAsync(text);
        shown = results;
    }
}

static async Task<string> AskServerAsync(string text)
{
    await EventLoop.CheckpointAsync();
    return $"results for {text}";
}
