using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>The report as one JSON object. Names are a promise to programs: they are added to, never changed.</summary>
internal static partial class HealthReportJson
{
    public static string Write(HealthReport report) => JsonSerializer.Serialize(report, Shape.Default.HealthReport);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        GenerationMode = JsonSourceGenerationMode.Serialization)]
    [JsonSerializable(typeof(HealthReport))]
    private sealed partial class Shape : JsonSerializerContext;
}
