using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Dashboard.Access;
using Samovar.Dashboard.Serving;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard;

/// <summary>Adds the dashboard to an ASP.NET Core program.</summary>
public static class SamovarDashboardEndpoints
{
    /// <summary>Adds the dashboard, which shows the executors of this process, at a path. All viewers share one recording, which runs only while there are
    /// viewers.</summary>
    /// <remarks>
    /// <para>If the returned group requires authorization (<c>app.MapSamovar().RequireAuthorization("operators")</c>), that decides who may view the
    /// dashboard, and <c>AllowAnonymous()</c> opens it to all. Without either, it serves only connections from this machine, under the name
    /// <c>localhost</c> or a loopback address, with the link that is written to the log when the program has started, which works once; all other requests
    /// get status 403 and a sentence that names the cause.</para>
    /// <para>All addresses in the pages are relative, so that the dashboard works behind a proxy under another path.</para>
    /// </remarks>
    /// <param name="endpoints">The endpoints of the program.</param>
    /// <param name="pattern">The path. Default: <c>/samovar</c>.</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { AllowCommands = true }</c>); null for the options as they
    /// are.</param>
    /// <returns>The group of the dashboard's endpoints, for conventions such as <c>RequireAuthorization</c>.</returns>
    /// <exception cref="InvalidOperationException">The packages Samovar and Samovar.Dashboard have different versions.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is null.</exception>
    public static RouteGroupBuilder MapSamovar(
        this IEndpointRouteBuilder endpoints, string pattern = "/samovar", Func<SamovarDashboardOptions, SamovarDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        LibraryVersion.Require();
        var options = new SamovarDashboardOptions();
        if (configure is not null) options = configure(options);

        var services = endpoints.ServiceProvider;
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var lifetime = services.GetService<IHostApplicationLifetime>();
        var logger = services.GetService<ILoggerFactory>()?.CreateLogger("Samovar.Dashboard") ?? NullLogger.Instance;
        var tokens = new AccessTokens();
        var watch = new ProgramWatch(new ThisProcess(options.Rate, options.AllowCommands, options.ShowArguments), options.IdleTime, clock);
        var routes = new DashboardRoutes(watch, tokens, options.AllowCommands, lifetime?.ApplicationStopping ?? CancellationToken.None);
        var group = routes.Map(endpoints, pattern);
        lifetime?.ApplicationStarted.Register(() => LaunchLink.Write(services, routes, tokens, logger));
        lifetime?.ApplicationStopping.Register(watch.Stop);
        return group;
    }
}
