using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Samovar.Dashboard.Tests;

/// <summary>A program with a dashboard: ASP.NET Core in this process, with Kestrel on a free port of a loopback address, and the log in memory.</summary>
internal sealed class DashboardProgram : ILoggerProvider, ILogger, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _log = [];

    private DashboardProgram(Func<SamovarDashboardOptions, SamovarDashboardOptions>? configure, Action<RouteGroupBuilder>? group, Action<WebApplicationBuilder>? services, Action<WebApplication>? pipeline)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.AddProvider(this);
        services?.Invoke(builder);
        _app = builder.Build();
        pipeline?.Invoke(_app);
        var mapped = _app.MapSamovar("/samovar", configure);
        group?.Invoke(mapped);
    }

    /// <summary>The address of the server, with a slash.</summary>
    public Uri Root => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First() + "/");

    /// <summary>The link of the log; null if it has none.</summary>
    public Uri? Link => _log.Where(static line => line.Contains("works once", StringComparison.Ordinal)).Select(static line => line.Split(' ').FirstOrDefault(static word => word.Contains("?token=", StringComparison.Ordinal)))
        .OfType<string>().Select(static word => new Uri(word)).SingleOrDefault();

    public static async Task<DashboardProgram> StartAsync(
        Func<SamovarDashboardOptions, SamovarDashboardOptions>? configure = null, Action<RouteGroupBuilder>? group = null,
        Action<WebApplicationBuilder>? services = null, Action<WebApplication>? pipeline = null)
    {
        var program = new DashboardProgram(configure, group, services, pipeline);
        await program._app.StartAsync();
        return program;
    }

    /// <summary>Creates a browser that has opened the link.</summary>
    public async Task<Browser> OpenAsync()
    {
        var browser = new Browser(new Uri(Root, "samovar/"));
        (await browser.GetAsync(Link!.Query)).Status.ShouldBe(HttpStatusCode.OK);
        return browser;
    }

    /// <summary>Creates a browser that has not.</summary>
    public Browser Stranger() => new(new Uri(Root, "samovar/"));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    void IDisposable.Dispose()
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(formatter(state, exception));
}
