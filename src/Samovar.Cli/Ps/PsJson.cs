using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Ps;

/// <summary>Writes snapshots as JSON. Property names are a stable interface: new ones may be added, existing ones never change.</summary>
internal static partial class PsJson
{
    private const int Deepest = 10_000;

    // The output goes to a pipe, not into HTML, so quotes and angle brackets in names are not escaped.
    private static readonly SnapshotShape s_shape = new(new(SnapshotShape.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(ProcessSnapshot snapshot) => JsonSerializer.Serialize(snapshot, s_shape.ProcessSnapshot);

    public static string Write(IReadOnlyList<ProcessSnapshot> snapshots) => JsonSerializer.Serialize(snapshots, s_shape.IReadOnlyListProcessSnapshot);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = Deepest)]
    [JsonSerializable(typeof(ProcessSnapshot))]
    [JsonSerializable(typeof(IReadOnlyList<ProcessSnapshot>))]
    private sealed partial class SnapshotShape : JsonSerializerContext;
}
