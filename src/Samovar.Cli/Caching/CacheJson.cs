using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Caching;

/// <summary>Writes the results of a cache as JSON. Property names are a stable interface: new ones may be added, existing ones never change.</summary>
internal static partial class CacheJson
{
    private static readonly CacheShape s_shape = new(new(CacheShape.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(IReadOnlyList<StoredResult> results) => JsonSerializer.Serialize(
        results.Select(static result => new CacheEntry($"{result.Key}", result.Name, result.Bytes, result.Created, result.LastUsed)).ToArray(), s_shape.CacheEntryArray);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(CacheEntry[]))]
    private sealed partial class CacheShape : JsonSerializerContext;
}

/// <summary>A result, as <c>samovar cache list --json</c> has it.</summary>
internal sealed record CacheEntry(string Key, string Name, long Bytes, DateTimeOffset Created, DateTimeOffset LastUsed);
