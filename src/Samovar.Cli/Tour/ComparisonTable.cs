using System.Globalization;

namespace Samovar.Cli.Tour;

/// <summary>The times of both sides as a table in Markdown, so that it can be read on a terminal and pasted into a document.</summary>
internal static class ComparisonTable
{
    private const string NoFigure = "–";

    private static readonly string[] s_header = ["Lesson", "Samovar", "Python", "Ratio"];

    /// <summary>The lines of the table: a row for each lesson.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<LessonRun> lessons)
    {
        string[][] rows = [s_header, .. lessons.Select(Row)];
        int[] widths = [.. s_header.Select((_, column) => rows.Max(row => row[column].Length))];
        yield return Line(rows[0], widths);
        yield return $"|{string.Join('|', widths.Select(static (width, column) => new string('-', width + 1) + (column == 0 ? '-' : ':')))}|";
        foreach (string[] row in rows.Skip(1)) yield return Line(row, widths);
    }

    private static string[] Row(LessonRun lesson) =>
    [
        $"{lesson.Chapter} {lesson.Title}",
        Time(lesson.Samovar),
        Time(lesson.Python),
        lesson is { Samovar.Seconds: { } samovar, Python.Seconds: { } python } ? Number($"{python / samovar:0.0}") : NoFigure,
    ];

    private static string Time(SideRun side) => side switch
    {
        { Seconds: { } seconds } => Number($"{seconds:0.00} s"),
        { HasFailed: true } => "failed",
        _ => NoFigure,
    };

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // The first column is text, the others are numbers.
    private static string Line(string[] row, int[] widths) =>
        $"| {string.Join(" | ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))} |";
}
