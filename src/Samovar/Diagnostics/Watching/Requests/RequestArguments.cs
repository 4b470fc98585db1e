using System.Text.Json;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>The arguments of a request. An argument of another type counts as absent.</summary>
internal readonly struct RequestArguments(JsonElement request)
{
    public long? Number(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : null;

    public double? Fraction(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) ? number : null;

    /// <summary>Returns a text; null if it is absent or empty.</summary>
    public string? Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>Returns a list of texts; empty if it is absent.</summary>
    public IReadOnlySet<string> Texts(string name)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        if (Find(name) is not { ValueKind: JsonValueKind.Array } values) return texts;
        foreach (var value in values.EnumerateArray())
        {
            if (value is { ValueKind: JsonValueKind.String } && value.GetString() is { } text) texts.Add(text);
        }

        return texts;
    }

    private JsonElement? Find(string name) => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var value) ? value : null;
}
