using System.Text.Json;

namespace Samovar.Dashboard.Tests;

/// <summary>Reads server-sent events.</summary>
internal sealed class EventReader(IDisposable response, Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream);

    /// <summary>Reads the next event with data; null at the end of the stream.</summary>
    public async Task<(string Name, JsonElement Data)?> NextAsync()
    {
        string name = "message", data = "";
        while (await _lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TestTimeout.Wait) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line["event: ".Length..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line["data: ".Length..];
            else if (line.Length == 0 && data.Length > 0) return (name, JsonDocument.Parse(data).RootElement.Clone());
        }

        return null;
    }

    /// <summary>Reads events until one has the name.</summary>
    public async Task<JsonElement> UntilAsync(string name, Func<JsonElement, bool>? condition = null)
    {
        using var waiting = TestWaits.Begin($"an event '{name}'");
        while (await NextAsync() is { } next)
        {
            if (next.Name == name && (condition is null || condition(next.Data))) return next.Data;
        }

        throw new InvalidOperationException($"The stream ended without an event '{name}'.");
    }

    public void Dispose()
    {
        _lines.Dispose();
        response.Dispose();
    }
}
