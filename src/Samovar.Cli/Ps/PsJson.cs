using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Ps;

/// <summary>Pictures as JSON. Names are a promise to programs: they are added to, never changed.</summary>
internal static partial class PsJson
{
    private const int Deepest = 10_000;

    // It is for a pipe, not for a page: quotes and brackets of names stay as they are.
    private static readonly PictureShape s_shape = new(new(PictureShape.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(ProcessPicture picture) => JsonSerializer.Serialize(picture, s_shape.ProcessPicture);

    public static string Write(IReadOnlyList<ProcessPicture> pictures) => JsonSerializer.Serialize(pictures, s_shape.IReadOnlyListProcessPicture);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = Deepest)]
    [JsonSerializable(typeof(ProcessPicture))]
    [JsonSerializable(typeof(IReadOnlyList<ProcessPicture>))]
    private sealed partial class PictureShape : JsonSerializerContext;
}
