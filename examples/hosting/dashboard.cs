#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Dashboard/Samovar.Dashboard.csproj
#:property PublishAot=false

// A web program with a dashboard of its executors, for this machine only: the log has a link that works once. With the argument --stay the program
// runs until Ctrl-C.

using Samovar;
using Samovar.Dashboard;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Samovar.Dashboard", LogLevel.Information);
await using var executor = new ThreadExecutor(new() { Name = "kettles", Workers = 2 });

await using var app = builder.Build();
app.MapSamovar("/samovar", options => options with { AllowCommands = true });
await app.StartAsync();

if (args.Contains("--stay"))
{
    var work = Brew(executor, app.Lifetime.ApplicationStopping);
    await app.WaitForShutdownAsync();
    await work;
}
else
{
    using var stranger = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    using var reply = await stranger.GetAsync("/samovar/");              // a client without the link
    Console.WriteLine($"{(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
    await app.StopAsync();
}

static async Task Brew(Executor executor, CancellationToken stop)
{
    while (!stop.IsCancellationRequested)
    {
        var cups = Enumerable.Range(1, 8).Select(cup => executor.Submit(() => Thread.Sleep(cup * 50), new() { Name = $"cup {cup}" })).ToList();
        foreach (var cup in cups) await cup;
    }
}
