using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Dashboard.Serving;

namespace Samovar.Dashboard.Access;

/// <summary>Writes the link with a launch token to the log, for a dashboard without authorization.</summary>
internal static partial class LaunchLink
{
    /// <summary>Writes the link, once the server has started. Writes nothing if the program has put authorization on the dashboard.</summary>
    public static void Write(IServiceProvider services, DashboardRoutes routes, AccessTokens tokens, ILogger logger)
    {
        var page = services.GetService<EndpointDataSource>()?.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(routes.IsPage);
        if (page is null || AccessRules.HasAuthorization(page)) return;
        string? address = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        if (address is null || !Uri.TryCreate(OnLoopback(address), UriKind.Absolute, out var root)) return;
        string path = page.RoutePattern.RawText?.Trim('/') ?? "";
        Written(logger, $"{new Uri(root, path.Length == 0 ? "/" : $"/{path}/")}?token={tokens.CreateLaunch()}");
    }

    /// <summary>Replaces a host name that means all addresses.</summary>
    private static string OnLoopback(string address) =>
        address.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)
            .Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal);

    [LoggerMessage(1, LogLevel.Information, "The dashboard of Samovar, on this machine: {Link} (the link works once).")]
    private static partial void Written(ILogger logger, string link);
}
