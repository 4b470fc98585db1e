using System.Globalization;
using Spectre.Console;

namespace Samovar.Cli.Tour;

/// <summary>A tour for a reader: what happens as it happens, a line that compares, and a table at the end.</summary>
internal sealed class TourText : TourOutput
{
    private const double About = 0.1; // within a tenth two ways are told as equally fast

    public override void Begin(Lesson lesson) =>
        Terminal.Write(console => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"\n[bold]{lesson.Number} {lesson.Title}[/]: {lesson.Work}"));

    public override void Say(string line) => Console.Out.WriteLine($"    {line}");

    public override void Add(TourRow row) => Console.Out.WriteLine($"  {row.Way}: {Time(row.Seconds)}{(row.Result.Length > 0 ? $", {row.Result}" : "")}");

    public override void End(IReadOnlyList<TourRow> rows)
    {
        var lines = new List<string>();
        for (int first = 0, next; first < rows.Count; first = next)
        {
            for (next = first + 1; next < rows.Count && rows[next].Speedup != 1; next++) { }

            if (next - first > 1) lines.Add(Compare(rows[first], rows.Skip(first + 1).Take(next - first - 1).MaxBy(static row => row.Speedup)!));
        }

        Terminal.Write(console => console.MarkupLineInterpolated($"[green]{string.Join("; ", lines)}.[/]"));
    }

    public override void Close(IReadOnlyList<TourRow> rows, TimeSpan took) => Terminal.Write(console =>
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("", "way");
        table.AddColumn(new TableColumn("time").RightAligned());
        table.AddColumn(new TableColumn("speed").RightAligned());
        int chapter = 0;
        foreach (TourRow row in rows)
        {
            string title = row.Chapter == chapter ? "" : $"{row.Chapter} {row.Title}";
            chapter = row.Chapter;
            table.AddRow(Markup.Escape(title), Markup.Escape(row.Way), Time(row.Seconds), Times(row.Speedup));
        }

        console.Write(table);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0} s, {Environment.ProcessorCount} cores. Every lesson is a program of its own in examples/chapter.");
    });

    private static string Compare(TourRow first, TourRow best) => best.Speedup switch
    {
        > 1 + About => $"{best.Way} is {Times(best.Speedup)} as fast as {first.Way}",
        < 1 - About => $"{best.Way} is {Times(1 / best.Speedup)} as slow as {first.Way}",
        _ => $"{best.Way} takes about as long as {first.Way}",
    };

    private static string Times(double speedup) => speedup.ToString(speedup >= 10 ? "#,0 x" : "0.0 x", CultureInfo.InvariantCulture);

    private static string Time(double seconds) => seconds switch
    {
        < 1e-6 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e9:0} ns"),
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0} µs"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
    };
}
