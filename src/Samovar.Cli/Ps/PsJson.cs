using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Ps;

/// <summary>Snapshots as JSON. Names are a promise to programs: they are added to, never changed.</summary>
internal static partial class PsJson
{
    private const int Deepest = 10_000;

    // It is for a pipe, not for a page: quotes and brackets of names stay as they are.
    private static readonly SnapshotShape s_shape = new(new(SnapshotShape.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(ProcessSnapshot snapshot) => JsonSerializer.Serialize(snapshot, s_shape.ProcessSnapshot);

    public static string Write(IReadOnlyList<ProcessSnapshot> snapshots) => JsonSerializer.Serialize(snapshots, s_shape.IReadOnlyListProcessSnapshot);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, MaxDepth = Deepest)]
    [JsonSerializable(typeof(ProcessSnapshot))]
    [JsonSerializable(typeof(IReadOnlyList<ProcessSnapshot>))]
    private sealed partial class SnapshotShape : JsonSerializerContext;
}
