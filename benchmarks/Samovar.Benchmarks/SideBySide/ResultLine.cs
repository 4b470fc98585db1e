using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>The JSON format of results: one object per line.</summary>
internal static class ResultLine
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the output is not embedded in HTML
    };
}
