#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Dashboard/Samovar.Dashboard.csproj
#:property PublishAot=false

// A dashboard for the operators of a program, from any machine: the program's own authorization decides who may view it.

using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Samovar;
using Samovar.Dashboard;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAuthentication("badge").AddScheme<AuthenticationSchemeOptions, Badge>("badge", null);
builder.Services.AddAuthorizationBuilder().AddPolicy("operators", policy => policy.RequireRole("operator"));
await using var executor = new ThreadExecutor(new() { Name = "kettles", Workers = 2 });

await using var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapSamovar("/samovar").RequireAuthorization("operators");
await app.StartAsync();

using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
foreach (string role in new[] { "guest", "operator" })
{
    using var request = new HttpRequestMessage(HttpMethod.Get, "/samovar/") { Headers = { { "Badge", role } } };
    using var reply = await client.SendAsync(request);
    Console.WriteLine($"{role}: {reply.StatusCode}");
}

await app.StopAsync();

// In place of the program's real authentication: cookies, OpenID Connect, certificates.
sealed class Badge(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Role, Request.Headers["Badge"].ToString())], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }
}
