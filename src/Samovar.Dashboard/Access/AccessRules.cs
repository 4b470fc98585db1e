using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Samovar.Dashboard.Access;

/// <summary>Decides whether a request may use the dashboard. Stateless but for the tokens.</summary>
/// <remarks>
/// In this order: a POST must not come from a page of another origin. If the program has put authorization on the endpoint, or has opened it with
/// AllowAnonymous, that decides. Otherwise the connection must come from this machine, not through a proxy, under a loopback name (a page of another site may
/// have a name that resolves to a loopback address), and have a session.
/// </remarks>
internal sealed class AccessRules(AccessTokens tokens)
{
    private const string AddAuthorization =
        "To open the dashboard to others, put authorization on it in the program: app.MapSamovar(…).RequireAuthorization(…).";

    private static readonly string[] s_ofProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"];

    /// <summary>What a request without a session gets.</summary>
    public const string NoSession =
        "This browser has no session. Open the link that the program printed or wrote to its log when it started; it works once. "
        + "In an open dashboard, the button 'Link' creates another one.";

    /// <summary>Returns why the request is refused; null if it is not.</summary>
    public string? FindRefusal(HttpContext context)
    {
        if (FindStranger(context) is { } why) return why;
        return HasAuthorization(context.GetEndpoint()) || HasSession(context.Request) ? null : NoSession;
    }

    /// <summary>Returns why the request is refused whatever token it has; null if it is not.</summary>
    public static string? FindStranger(HttpContext context)
    {
        var request = context.Request;
        bool isOpen = HasAuthorization(context.GetEndpoint());
        if (!HttpMethods.IsGet(request.Method) && FindForeignOrigin(request, isOpen) is { } origin)
            return $"A page of another origin ({origin}) sent this request. Commands come only from the dashboard's own page.";
        if (isOpen) return null;
        if (context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address))
            return $"The dashboard serves only connections from the machine on which the program runs. {AddAuthorization}";
        if (Array.Find(s_ofProxies, request.Headers.ContainsKey) is { } header)
            return $"The request came through a proxy (it has the header {header}), so that its sender is not known. {AddAuthorization}";
        return IsLoopbackName(request.Host.Host)
            ? null
            : $"The dashboard is only available as localhost or a loopback address, not as '{request.Host.Host}'. {AddAuthorization}";
    }

    /// <summary>Exchanges the launch token of a request for a session. Returns null if the request has no token, or an unknown or used one.</summary>
    public string? TryLaunch(HttpRequest request) => request.Query["token"].ToString() is { Length: > 0 } token ? tokens.TryExchange(token) : null;

    /// <summary>Returns whether the program decides about the access to an endpoint.</summary>
    public static bool HasAuthorization(Endpoint? endpoint) => endpoint is not null
        && (endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
            || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null
            || endpoint.Metadata.GetMetadata<IAuthorizationRequirementData>() is not null);

    /// <summary>The name of the cookie. Cookies belong to a host and not to a port, so that the name has the port.</summary>
    public static string CookieOf(HttpRequest request) => string.Create(null, $"samovar-{request.HttpContext.Connection.LocalPort}");

    /// <summary>Returns whether the request has the cookie of a session.</summary>
    public bool HasSession(HttpRequest request) => request.Cookies.TryGetValue(CookieOf(request), out string? session) && session is not null && tokens.IsSession(session);

    private static string? FindForeignOrigin(HttpRequest request, bool isOpen)
    {
        string site = request.Headers["Sec-Fetch-Site"].ToString(), origin = request.Headers.Origin.ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none")) return origin.Length > 0 ? origin : site;
        if (origin.Length == 0) return null; // not a browser
        if (isOpen && site == "same-origin") return null; // behind a proxy, the host of the request may be another one than the browser's
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme == request.Scheme && IsSame(uri, request) ? null : origin;
    }

    private static bool IsSame(Uri origin, HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own)
        && string.Equals(own.Host, origin.Host, StringComparison.OrdinalIgnoreCase) && own.Port == origin.Port;

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
