using System.Globalization;
using Spectre.Console;

namespace Samovar.Benchmarks.Reports;

/// <summary>Prints each curve as a table.</summary>
internal static class CurvePage
{
    public static void Write(IReadOnlyList<CurveTable> curves, IReadOnlyList<string> head, IAnsiConsole console)
    {
        foreach (string line in head) console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{line}");
        foreach (CurveTable curve in curves)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"\n[bold]{curve.Title}[/]");
            var table = new Table().Border(TableBorder.Simple);
            foreach (string column in curve.Series.Prepend(curve.Across)) table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
            foreach (IReadOnlyList<string> line in curve.Lines) table.AddRow([.. line.Select(Markup.Escape)]);
            console.Write(table);
            if (Results.Told(curve) is { } text) console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{text}");
        }
    }
}
