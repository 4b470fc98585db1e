using System.Globalization;
using Samovar.Benchmarks.SideBySide;
using Spectre.Console;

namespace Samovar.Benchmarks.Reports;

/// <summary>Prints rows: a table, and below it the reasons and the peers that were not measured.</summary>
internal static class BenchTable
{
    /// <param name="rows">The results.</param>
    /// <param name="head">The machine and date of the measurement.</param>
    /// <param name="console">The console.</param>
    public static void Write(IReadOnlyList<RowResult> rows, IReadOnlyList<string> head, IAnsiConsole console)
    {
        foreach (string line in head) console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{line}");
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("row", "work");
        foreach (string column in (string[])["Samovar", "±", "goal", "best peer"]) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("");
        bool isBusyToo = rows.Any(static row => row.BusyRatio is not null);
        foreach (string column in (string[])["ratio", .. isBusyToo ? (string[])["busy"] : [], "of limit"]) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("verdict");
        foreach (RowResult row in rows)
        {
            string colour = row.Samovar is null ? "red" : row.Met ? "green" : "yellow";
            table.AddRow(
            [
                row.Id, Markup.Escape(row.Work), Amount.Show(row.Samovar, row.Unit), Amount.Percent(row.Spread / 2), Amount.Show(row.Goal, row.Unit),
                Amount.Show(row.BestPeer, row.Unit), Markup.Escape(row.BestPeerName ?? ""), $"[bold]{Amount.Times(row.Ratio)}[/]",
                .. isBusyToo ? (string[])[Amount.Times(row.BusyRatio)] : [], Amount.Percent(row.ShareOfLimit), $"[{colour}]{Markup.Escape(row.Verdict)}[/]",
            ]);
        }

        console.Write(table);
        foreach (string note in Notes(rows)) console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{note}");
    }

    /// <summary>Returns notes for which the table has no column.</summary>
    public static IEnumerable<string> Notes(IReadOnlyList<RowResult> rows)
    {
        foreach (RowResult row in rows)
        {
            if (row.Reason is { } reason) yield return $"{row.Id}: {reason}.";
            else if (row.Samovar is not null && !row.Met) yield return $"{row.Id}: the reason is not known.";
        }

        if (rows.Any(static row => row.Outliers > 0))
        {
            yield return "Outlier rounds, which do not affect the median: "
                + string.Join(", ", rows.Where(static row => row.Outliers > 0).Select(static row => $"{row.Outliers} of {row.Rounds} ({row.Id})")) + ".";
        }

        foreach (var skipped in rows.SelectMany(static row => row.Skipped.Select(skip => (row.Id, Skip: skip))).GroupBy(static skip => skip.Skip.Why))
            yield return $"Not measured: {string.Join(", ", skipped.Select(static skip => $"{skip.Skip.Name} ({skip.Id})"))}: {skipped.Key}.";
    }
}
