// A page that worker processes render, and a health check at /health. Start it with: dotnet run
//
// A page that crashes its process or never completes costs that process and nothing else. SIGTERM and Ctrl-C stop the program: running requests
// complete, up to the shutdown timeout of the host.

using Samovar;
using Samovar.Hosting;

ProcessWorker.RunIfWorker(args); // a program published as a single file or self-contained is its own worker; otherwise this does nothing

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSamovar().AddProcessExecutor("pages"); // appsettings.json sets its options: Samovar:Executors:pages
builder.Services.AddHealthChecks().AddSamovar();
await using var app = builder.Build();

// When the client disconnects, the work is cancelled and its process is killed.
app.MapGet("/", async ([FromKeyedServices("pages")] ProcessExecutor pages, CancellationToken disconnected, int limit = 100_000) =>
{
    string html = await pages.Submit(() => Page.Render(limit), new() { CancellationToken = disconnected, Timeout = TimeSpan.FromMinutes(1) });
    return Results.Content(html, "text/html");
});
app.MapHealthChecks("/health");

await app.RunAsync();
