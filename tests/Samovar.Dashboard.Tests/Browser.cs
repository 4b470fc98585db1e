using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Samovar.Dashboard.Tests;

/// <summary>A client with cookies, as a browser has.</summary>
internal sealed class Browser(Uri page) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = 1_000 }) { BaseAddress = page, Timeout = TestTimeout.Wait };


    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, headers);
    }

    public async Task<Reply> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await SendAsync(request, headers);
    }

    /// <summary>Sends a request of the watch protocol.</summary>
    public Task<Reply> AskAsync(object request) => PostAsync("api/ask", JsonSerializer.Serialize(request));

    /// <summary>Opens the stream of events.</summary>
    public async Task<EventReader> EventsAsync()
    {
        var response = await _client.GetAsync(new Uri("events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, response.StatusCode == HttpStatusCode.OK ? null : await response.Content.ReadAsStringAsync(Token));
        response.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("text/event-stream"));
        return new EventReader(response, await response.Content.ReadAsStreamAsync(Token));
    }

    public void Dispose() => _client.Dispose();

    private async Task<Reply> SendAsync(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            if (name == "Host") request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request, Token);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(static one => one.Key, static one => string.Join(", ", one.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(Token), all);
    }
}

/// <summary>A response.</summary>
internal sealed record Reply(HttpStatusCode Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
}
