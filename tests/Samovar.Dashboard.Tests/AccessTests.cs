using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Dashboard.Access;

namespace Samovar.Dashboard.Tests;

/// <summary>Which requests a dashboard refuses.</summary>
[Collection(nameof(DashboardProgram))]
public sealed class AccessTests
{
    [ThreadFact]
    public async Task The_link_of_the_log_works_once_and_gives_the_browser_a_session()
    {
        await using var program = await DashboardProgram.StartAsync();
        using Browser first = program.Stranger(), second = program.Stranger();

        var before = await first.GetAsync("");
        var launch = await first.GetAsync(program.Link!.Query);
        var page = await first.GetAsync("");
        var replayed = await second.GetAsync(program.Link!.Query);

        before.Status.ShouldBe(HttpStatusCode.Forbidden);
        before.Text.ShouldContain("Open the link that the program printed");
        launch.Status.ShouldBe(HttpStatusCode.OK);
        string cookie = launch.Headers["Set-Cookie"];
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        cookie.ShouldContain("path=/samovar");
        cookie.ShouldNotContain(program.Link.Query["?token=".Length..]);
        page.Status.ShouldBe(HttpStatusCode.OK);
        page.Text.ShouldContain("dashboard.js");
        replayed.Status.ShouldBe(HttpStatusCode.Forbidden);
        program.Link.AbsolutePath.ShouldBe("/samovar/");
    }

    [ThreadTheory]
    [InlineData("GET", "")]
    [InlineData("GET", "dashboard.js")]
    [InlineData("GET", "dashboard.css")]
    [InlineData("GET", "icon.svg")]
    [InlineData("GET", "events")]
    [InlineData("POST", "api/ask")]
    [InlineData("POST", "api/launch")]
    public async Task Without_a_session_nothing_is_served(string method, string path)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var stranger = program.Stranger();

        var forged = ("Cookie", $"samovar-{program.Root.Port}=0123456789");
        var reply = method == "GET" ? await stranger.GetAsync(path, forged) : await stranger.PostAsync(path, """{"what":"tasks"}""", forged);

        reply.Status.ShouldBe(HttpStatusCode.Forbidden);
        reply.Text.ShouldContain("no session");
    }

    [ThreadTheory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("localhost.evil.example")]
    [InlineData("192.168.0.1")]
    public async Task A_host_that_is_no_loopback_name_is_refused(string host)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        var reply = await browser.GetAsync("", ("Host", host));

        reply.Status.ShouldBe(HttpStatusCode.Forbidden);
        reply.Text.ShouldContain("only available as localhost");
        reply.Text.ShouldContain("RequireAuthorization");
    }

    [ThreadFact]
    public async Task Localhost_is_a_loopback_name()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        (await browser.GetAsync("", ("Host", $"localhost:{program.Root.Port}"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [ThreadTheory]
    [InlineData("X-Forwarded-For", "10.0.0.1")]
    [InlineData("Forwarded", "for=10.0.0.1")]
    public async Task A_request_through_a_proxy_is_refused(string header, string value)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        var reply = await browser.GetAsync("", (header, value));

        reply.Status.ShouldBe(HttpStatusCode.Forbidden);
        reply.Text.ShouldContain(header);
    }

    [ThreadTheory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_request_of_another_origin_is_refused(string header, string value)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        var reply = await browser.PostAsync("api/ask", """{"what":"tasks"}""", (header, value));

        reply.Status.ShouldBe(HttpStatusCode.Forbidden);
        reply.Text.ShouldContain("another origin");
    }

    [ThreadFact]
    public async Task A_request_of_the_own_origin_is_served()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        var reply = await browser.PostAsync(
            "api/ask", """{"what":"tasks"}""", ("Origin", program.Root.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"));

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
    }

    [ThreadFact]
    public async Task An_open_dashboard_creates_links_for_other_browsers()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using Browser second = program.Stranger(), third = program.Stranger();

        string link = (await browser.PostAsync("api/launch", "{}")).Json.GetProperty("link").GetString()!;

        (await second.GetAsync(link)).Status.ShouldBe(HttpStatusCode.OK);
        (await second.GetAsync("")).Status.ShouldBe(HttpStatusCode.OK);
        (await third.GetAsync(link)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [ThreadFact]
    public async Task Each_response_restricts_what_a_page_may_do()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using var stranger = program.Stranger();

        foreach (var reply in new[] { await browser.GetAsync(""), await browser.GetAsync("dashboard.js"), await stranger.GetAsync("") })
        {
            reply.Headers["Content-Security-Policy"].ShouldBe("default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'");
            reply.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
            reply.Headers["Cache-Control"].ShouldBe("no-store");
            reply.Headers["Referrer-Policy"].ShouldBe("no-referrer");
        }
    }

    [ThreadTheory]
    [InlineData("/samovar/../../../../etc/passwd")]
    [InlineData("/samovar/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/samovar/..%2f..%2fetc%2fpasswd")]
    [InlineData("/samovar/dashboard.html")]
    [InlineData("/samovar/web/dashboard.js")]
    public async Task A_path_outside_the_dashboard_is_not_found(string path)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, program.Root.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));

        string reply = await new StreamReader(stream).ReadToEndAsync().WaitAsync(TestTimeout.Wait);

        reply.ShouldMatch("^HTTP/1.1 (404|400) ");
    }

    [ThreadFact]
    public async Task Authorization_on_the_group_decides_instead_of_the_link()
    {
        await using var program = await DashboardProgram.StartAsync(
            group: static group => group.RequireAuthorization(),
            services: static builder =>
            {
                builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, TestScheme>("test", null);
                builder.Services.AddAuthorization();
            },
            pipeline: static app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
            });
        using var browser = program.Stranger();

        (await browser.GetAsync("")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.GetAsync("events")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.GetAsync("", ("User", "operator"), ("Host", "ops.example"), ("X-Forwarded-For", "10.0.0.1"))).Status.ShouldBe(HttpStatusCode.OK);
        (await browser.PostAsync("api/ask", """{"what":"tasks"}""", ("User", "operator"), ("Origin", "http://evil.example"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.PostAsync("api/ask", """{"what":"tasks"}""", ("User", "operator"), ("Origin", "https://ops.example"), ("Sec-Fetch-Site", "same-origin"))).Status
            .ShouldBe(HttpStatusCode.OK);
        (await browser.PostAsync("api/launch", "{}", ("User", "operator"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        program.Link.ShouldBeNull();
    }

    [ThreadFact]
    public async Task AllowAnonymous_opens_the_dashboard()
    {
        await using var program = await DashboardProgram.StartAsync(group: static group => group.AllowAnonymous());
        using var browser = program.Stranger();

        (await browser.GetAsync("", ("Host", "ops.example"))).Status.ShouldBe(HttpStatusCode.OK);
        program.Link.ShouldBeNull();
    }

    [ThreadFact]
    public async Task A_path_without_its_slash_is_redirected_with_its_token()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = new Browser(program.Root);

        var reply = await browser.GetAsync("samovar?token=abc");

        reply.Status.ShouldBe(HttpStatusCode.Found);
        reply.Headers["Location"].ShouldBe("samovar/?token=abc");
    }

    [ThreadFact]
    public void Of_too_many_unused_launch_tokens_the_oldest_becomes_invalid()
    {
        var tokens = new AccessTokens();
        string first = tokens.CreateLaunch(), second = tokens.CreateLaunch();
        for (int i = 0; i < 15; i++) tokens.CreateLaunch();

        tokens.TryExchange(first).ShouldBeNull();
        string session = tokens.TryExchange(second).ShouldNotBeNull();
        tokens.IsSession(session).ShouldBeTrue();
        tokens.IsSession(second).ShouldBeFalse();
        tokens.TryExchange(session).ShouldBeNull();
    }

    private sealed class TestScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers.TryGetValue("User", out var user)
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user.ToString())], "test")), "test"))
            : AuthenticateResult.NoResult());
    }
}
