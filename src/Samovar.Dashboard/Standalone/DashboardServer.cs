using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Dashboard.Access;
using Samovar.Dashboard.Serving;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Standalone;

/// <summary>A server that shows another program, for <c>samovar dashboard</c>. Serves loopback connections only.</summary>
/// <remarks>No member has a type of ASP.NET Core: the tool has loaded it only when it calls them.</remarks>
internal sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>How many connections the server has at the same time; it closes others at once.</summary>
    public const int MostConnections = 1_024;

    private readonly WebApplication _app;
    private readonly ProgramWatch _watch;

    private DashboardServer(WebApplication app, ProgramWatch watch, string link)
    {
        _app = app;
        _watch = watch;
        Link = link;
    }

    /// <summary>The address of the dashboard, with a token that works once.</summary>
    public string Link { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="program">The program to show. It is watched until the server is disposed of.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="allowsCommands">Whether viewers may change something.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<DashboardServer> StartAsync(WatchedProgram program, int port, bool allowsCommands, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(DashboardServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MostConnections;
            options.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var tokens = new AccessTokens();
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, TimeProvider.System);
        new DashboardRoutes(watch, tokens, allowsCommands, app.Lifetime.ApplicationStopping).Map(app, "");
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        watch.Keep();
        string address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new DashboardServer(app, watch, $"{address}/?token={tokens.CreateLaunch()}");
    }

    /// <summary>Stops the watch and the server.</summary>
    public async ValueTask DisposeAsync()
    {
        _watch.Stop();
        await _app.DisposeAsync().ConfigureAwait(false);
        await _watch.WhenStoppedAsync().ConfigureAwait(false);
    }
}
