using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Samovar.Dashboard.Access;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Serving;

/// <summary>The endpoints of one dashboard. Each one applies the access rules first, and sets the headers that restrict what a page may do.</summary>
internal sealed class DashboardRoutes(ProgramWatch watch, AccessTokens tokens, bool allowsCommands, CancellationToken stopping)
{
    // The pages load nothing from elsewhere, are in no frame of another page, and send no form.
    private const string ContentPolicy =
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

    private const string LaunchPage =
        """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=./"><link rel="icon" href="icon.svg"><title>Samovar</title><p><a href="./">Open the dashboard</a></p></html>""";

    private const string Html = "text/html; charset=utf-8";

    private readonly byte[] _page = WebFiles.Read("dashboard.html");
    private readonly AccessRules _rules = new(tokens);
    private readonly EventStream _events = new(watch, stopping);
    private readonly RequestEndpoint _requests = new(watch, allowsCommands);

    /// <summary>Adds the endpoints.</summary>
    public RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string pattern)
    {
        var group = endpoints.MapGroup(pattern);
        group.MapGet("/", ServePageAsync).WithMetadata(new PageOf(this));
        foreach (var (name, type) in WebFiles.All.Where(static file => file.Name != "dashboard.html"))
        {
            byte[] contents = WebFiles.Read(name);
            group.MapGet(name, Guard(context => SendAsync(context, type, contents)));
        }

        group.MapGet("events", Guard(_events.ServeAsync));
        group.MapPost("api/ask", Guard(_requests.ServeAsync));
        group.MapPost("api/launch", Guard(ServeLaunchAsync));
        return group;
    }

    /// <summary>Returns whether an endpoint is the page of this dashboard.</summary>
    public bool IsPage(Endpoint endpoint) => endpoint.Metadata.GetMetadata<PageOf>()?.Routes == this;

    private static void Restrict(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
    }

    private static Task SendAsync(HttpContext context, string type, byte[] contents)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = contents.Length;
        return context.Response.Body.WriteAsync(contents, context.RequestAborted).AsTask();
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return SendAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(why + "\n"));
    }

    private RequestDelegate Guard(RequestDelegate serve) => context =>
    {
        Restrict(context.Response);
        return _rules.FindRefusal(context) is { } why ? RefuseAsync(context, why) : serve(context);
    };

    private Task ServePageAsync(HttpContext context)
    {
        Restrict(context.Response);
        var (request, response) = (context.Request, context.Response);
        if (AccessRules.FindStranger(context) is { } why) return RefuseAsync(context, why);
        if (request.Path.Value is { Length: > 0 } path && !path.EndsWith('/'))
        {
            // The addresses in the page are relative to a path with a slash at its end. This one is relative too, for proxies that change the path.
            response.StatusCode = StatusCodes.Status302Found;
            response.Headers.Location = $"{path[(path.LastIndexOf('/') + 1)..]}/{request.QueryString}";
            return Task.CompletedTask;
        }

        if (AccessRules.HasAuthorization(context.GetEndpoint()) || _rules.HasSession(request)) return SendAsync(context, Html, _page);
        if (_rules.TryLaunch(request) is not { } session) return RefuseAsync(context, AccessRules.NoSession);
        response.Cookies.Append(AccessRules.CookieOf(request), session, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = request.IsHttps,
            Path = Folder(request),
        });

        // A page and no redirection: a strict cookie is not sent on a redirection that began on another site, such as that of a log viewer.
        return SendAsync(context, Html, Encoding.UTF8.GetBytes(LaunchPage));
    }

    private static string Folder(HttpRequest request) => $"{request.PathBase}{request.Path}".TrimEnd('/') is { Length: > 0 } path ? path : "/";

    private Task ServeLaunchAsync(HttpContext context)
    {
        if (AccessRules.HasAuthorization(context.GetEndpoint())) return RefuseAsync(context, "The program's own authorization decides about access, so that there are no links.");
        return SendAsync(context, "application/json", Encoding.UTF8.GetBytes($$"""{"link":"./?token={{tokens.CreateLaunch()}}"}"""));
    }

    /// <summary>Marks the page of a dashboard.</summary>
    private sealed record PageOf(DashboardRoutes Routes);
}
