using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Cli.Tour;

/// <summary>A tour for programs: one object a line, as the ways end.</summary>
internal sealed class TourJson : TourOutput
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by programs, not put into pages
    };

    public override void Begin(Lesson lesson)
    {
    }

    public override void Say(string line)
    {
    }

    public override void Add(TourRow row)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(row, s_options));
        Console.Out.Flush();
    }

    public override void End(IReadOnlyList<TourRow> rows)
    {
    }

    public override void Close(IReadOnlyList<TourRow> rows, TimeSpan took)
    {
    }
}
