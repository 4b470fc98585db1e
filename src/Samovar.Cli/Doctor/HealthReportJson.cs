using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>Writes the report as one JSON object. Property names are a stable interface: new ones may be added, existing ones never change.</summary>
internal static partial class HealthReportJson
{
    public static string Write(HealthReport report) => JsonSerializer.Serialize(report, Shape.Default.HealthReport);

    public static string Write(BrokerReport report) => JsonSerializer.Serialize(report, Shape.Default.BrokerReport);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        WriteIndented = true,
        GenerationMode = JsonSourceGenerationMode.Serialization)]
    [JsonSerializable(typeof(HealthReport))]
    [JsonSerializable(typeof(BrokerReport))]
    private sealed partial class Shape : JsonSerializerContext;
}
