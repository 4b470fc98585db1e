using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>How results are written: one object a line.</summary>
internal static class ResultLine
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by programs, not put into pages
    };
}
