#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Hosting/Samovar.Hosting.csproj
#:property PublishAot=false

// An endpoint of ASP.NET Core that renders in worker processes. When a client disconnects, its work is cancelled, and its process is killed if the work
// ignores that. A health check reports on the workers.

using Samovar;
using Samovar.Hosting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSamovar(options => options with { StartEagerly = true })
    .AddProcessExecutor("render", options => options with { Workers = 2, CancellationGrace = TimeSpan.FromMilliseconds(200) });
builder.Services.AddHealthChecks().AddSamovar(tags: ["ready"]);

await using var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/mandelbrot/{size}", async (int size, ProcessExecutor render, CancellationToken gone) =>
{
    byte[] picture = await render.Submit(() => Render(size), new() { CancellationToken = gone, Timeout = TimeSpan.FromMinutes(1) });
    return Results.Bytes(picture, "image/x-portable-graymap");
});

await app.StartAsync();
await VisitAsync(app);                                                   // replaces users here
await app.StopAsync();

static async Task VisitAsync(WebApplication app)
{
    using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    byte[] picture = await client.GetByteArrayAsync("/mandelbrot/64");
    Console.WriteLine($"rendered: {picture.Length} bytes");
    Console.WriteLine($"health: {await client.GetStringAsync("/health")}");

    var render = app.Services.GetRequiredService<ProcessExecutor>();
    using var leaves = new CancellationTokenSource();
    var endless = client.GetByteArrayAsync("/mandelbrot/8000", leaves.Token);
    while (render.GetStatistics().Running == 0) await Task.Delay(10);
    leaves.Cancel();                                                     // the browser is closed
    try
    {
        await endless;
    }
    catch (OperationCanceledException)
    {
        await render.DrainAsync();                                       // until the server has noticed it, and the work has stopped
    }

    var statistics = render.GetStatistics();
    Console.WriteLine($"the client left: {statistics.Canceled} task cancelled, {statistics.Running} running");
}

static byte[] Render(int size)
{
    byte[] picture = [.. System.Text.Encoding.ASCII.GetBytes($"P5 {size} {size} 255\n"), .. new byte[size * size]];
    for (int y = 0, at = picture.Length - (size * size); y < size; y++)
    {
        for (int x = 0; x < size; x++, at++)
        {
            double cx = (3.0 * x / size) - 2.25, cy = (3.0 * y / size) - 1.5, zx = 0, zy = 0;
            int steps = 0;
            for (; steps < 255 && (zx * zx) + (zy * zy) < 4; steps++) (zx, zy) = ((zx * zx) - (zy * zy) + cx, (2 * zx * zy) + cy);
            picture[at] = (byte)steps;
        }
    }

    return picture;
}
