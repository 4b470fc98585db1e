using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Top;

/// <summary>Reads pictures, which are untrusted.</summary>
internal static partial class PictureReader
{
    /// <exception cref="InvalidDataException">The line is malformed.</exception>
    public static WatchedPicture Read(byte[] line)
    {
        try
        {
            var picture = JsonSerializer.Deserialize(line, PictureShape.Default.WatchedPicture) ?? throw new InvalidDataException("a picture is null");
            object?[] elements = [.. picture.Executors, .. picture.Executors.SelectMany(static one => one?.Resources ?? []), .. picture.Maps, .. picture.Workers, .. picture.Running, .. picture.Functions, .. picture.Advice];
            return elements.Contains(null) ? throw new InvalidDataException("an element of a picture is null") : picture;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"a picture is malformed ({error.Message})", error);
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(WatchedPicture))]
    private sealed partial class PictureShape : JsonSerializerContext;
}
