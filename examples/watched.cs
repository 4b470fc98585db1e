#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// A program to inspect: while it runs, `./samovar ps` in another terminal lists it, and `./samovar ps PID` shows what each of its tasks waits for.
// By default it inspects itself and exits; with `--wait` it keeps running.
EventLoop.Run(
    () => TaskGroup.RunAsync(
        async group =>
        {
            var pages = new AsyncQueue<string>(name: "pages");
            var database = new AsyncLock("database");
            group.Run(() => FetchAsync(pages), "fetch");
            for (int i = 1; i <= 3; i++) group.Run(() => StoreAsync(pages, database), $"store {i}");
            await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(100));
            Console.WriteLine(await EventLoop.Current!.GetTaskTreeAsync());
            if (args is ["--wait"]) await EventLoop.SleepAsync(TimeSpan.FromHours(1));
            group.Cancel();
        },
        new() { Name = "crawler" }),
    new() { Name = "crawler" });

static async Task FetchAsync(AsyncQueue<string> pages)
{
    for (int number = 1; number <= 2; number++) await pages.PutAsync($"page {number}");
    await EventLoop.SleepAsync(TimeSpan.FromMinutes(10));
}

static async Task StoreAsync(AsyncQueue<string> pages, AsyncLock database)
{
    await foreach (string page in pages.TakeAllAsync())
    {
        using (await database.EnterAsync()) await EventLoop.SleepAsync(TimeSpan.FromMinutes(1));
    }
}
