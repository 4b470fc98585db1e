#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Hosting/Samovar.Hosting.csproj
#:property PublishAot=false

// A worker service that drains: SIGTERM arrives while orders run in worker processes. The orders complete, new ones are refused, and the program exits
// with code 0. systemd, Kubernetes and `docker stop` send that signal; here the program sends it to itself.

using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar;
using Samovar.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(60));
builder.Services.AddSamovar().AddProcessExecutor("mill", options => options with { Workers = 2 });
builder.Services.AddHostedService<Mill>();                               // after AddSamovar: it stops before the executors
await builder.Build().RunAsync();
Console.WriteLine("stopped");

sealed class Mill([FromKeyedServices("mill")] ProcessExecutor executor, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        var orders = Enumerable.Range(1, 4).Select(order => executor.Submit(() => Grind(order))).ToList();
        await orders[0];
        Console.WriteLine("the first order is ready; SIGTERM arrives");
        if (OperatingSystem.IsWindows()) lifetime.StopApplication();
        else Process.Start("kill", ["-TERM", $"{Environment.ProcessId}"]).Dispose();
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        foreach (var order in orders) Console.WriteLine($"order {await order} is ready");
        try
        {
            _ = executor.Submit(() => Grind(5));
        }
        catch (ObjectDisposedException)
        {
            Console.WriteLine("order 5 is refused");
        }
    }

    private static int Grind(int order)
    {
        for (int n = 2; n < 60_000; n++)
        {
            int d = 2;
            while (d * d <= n && n % d != 0) d++;
        }

        return order;
    }
}
