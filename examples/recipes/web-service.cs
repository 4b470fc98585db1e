#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A web service that runs its work in processes, and its shutdown: no new requests, a grace period for running ones, then the pool.

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2, CancellationGrace = TimeSpan.FromMilliseconds(200) });

using var begun = new SemaphoreSlim(0);                                  // for the visitor below
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
await using var app = builder.Build();
app.MapGet("/primes/{limit}", async (int limit, CancellationToken gone) =>
{
    var primes = pool.Submit(() => CountPrimes(limit), new() { CancellationToken = gone, Timeout = TimeSpan.FromMinutes(1) });
    begun.Release();
    return await primes;
});

await app.StartAsync();
var visitor = VisitAsync(app, begun);                                    // replaces users and SIGTERM here
await app.WaitForShutdownAsync();                                        // on Ctrl-C and SIGTERM; running requests have had their time
await pool.ShutdownAsync(ShutdownMode.Kill, grace: TimeSpan.FromMilliseconds(200));
await visitor;

static async Task VisitAsync(WebApplication app, SemaphoreSlim begun)
{
    using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    Console.WriteLine($"answered: {await client.GetStringAsync("/primes/100000")}");
    await begun.WaitAsync();

    var running = client.GetStringAsync("/primes/500000");
    var endless = client.GetStringAsync($"/primes/{int.MaxValue}");
    for (int i = 0; i < 2; i++) await begun.WaitAsync();
    app.Lifetime.StopApplication();
    Console.WriteLine($"answered while it stops: {await running}");
    try
    {
        await endless;
    }
    catch (HttpRequestException)
    {
        Console.WriteLine("cut off when its time was over");
    }
}

static int CountPrimes(int limit)
{
    int count = 0;
    for (int n = 2; n < limit; n++)
    {
        int d = 2;
        while ((long)d * d <= n && n % d != 0) d++;
        if ((long)d * d > n) count++;
    }

    return count;
}
