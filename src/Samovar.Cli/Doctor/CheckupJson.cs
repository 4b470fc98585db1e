using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>The checkup as one JSON object. Names are a promise to programs: they are added to, never changed.</summary>
internal static partial class CheckupJson
{
    public static string Write(Checkup checkup) => JsonSerializer.Serialize(checkup, Shape.Default.Checkup);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        GenerationMode = JsonSourceGenerationMode.Serialization)]
    [JsonSerializable(typeof(Checkup))]
    private sealed partial class Shape : JsonSerializerContext;
}
