using System.Globalization;
using System.Text;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Reports;

/// <summary>Writes Markdown tables, and inserts them into documents.</summary>
/// <remarks>A table in a document is between <c>&lt;!-- benchmarks/run: P1 P3 --&gt;</c>, or <c>all</c> instead of ids, and
/// <c>&lt;!-- end of benchmarks/run --&gt;</c>; the text between them is replaced.</remarks>
internal static class BenchMarkdown
{
    private const string Begin = "<!-- benchmarks/run: ", End = "<!-- end of benchmarks/run -->", Close = " -->";

    public static string Rows(IReadOnlyList<RowResult> rows)
    {
        bool isBusyToo = rows.Any(static row => row.BusyRatio is not null);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| | Work | Samovar | ± | Goal | Best peer | | Ratio | {(isBusyToo ? "Busy | " : "")}Of the limit | Verdict |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|---:|---:|---:|---:|---|---:|{(isBusyToo ? "---:|" : "")}---:|---|\n");
        foreach (RowResult row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Id} | {row.Work} | {Amount.Show(row.Samovar, row.Unit)} | {Amount.Percent(row.Spread / 2)} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Amount.Show(row.Goal, row.Unit)} | {Amount.Show(row.BestPeer, row.Unit)} | {row.BestPeerName} | {Amount.Times(row.Ratio)} | ");
            if (isBusyToo) text.Append(CultureInfo.InvariantCulture, $"{Amount.Times(row.BusyRatio)} | ");
            text.Append(CultureInfo.InvariantCulture, $"{(row.Limit is null ? "" : $"{Amount.Percent(row.ShareOfLimit)} of {Amount.Show(row.Limit, row.Unit)}")} | {row.Verdict} |\n");
        }

        return text.ToString();
    }

    /// <summary>Writes a table of every contestant of every row.</summary>
    public static string Peers(IReadOnlyList<RowResult> rows)
    {
        var text = new StringBuilder("| | Side | Median | ± |\n|---|---|---:|---:|\n");
        foreach (RowResult row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Id} | **Samovar** | {Amount.Show(row.Samovar, row.Unit)} | {Amount.Percent(row.Spread / 2)} |\n");
            foreach (OtherFigure peer in row.Peers)
            {
                string kind = peer.IsLimit ? " (limit)" : peer.IsRanked ? "" : " (other work)";
                text.Append(CultureInfo.InvariantCulture, $"| | {peer.Name}{kind} | {Amount.Show(peer.Value, row.Unit)} | {Amount.Percent(peer.Spread / 2)} |\n");
            }
        }

        return text.ToString();
    }

    public static string Curve(CurveTable curve)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| {curve.Across} | {string.Join(" | ", curve.Series)} |\n|---:|{string.Concat(curve.Series.Select(static _ => "---:|"))}\n");
        foreach (IReadOnlyList<string> line in curve.Lines) text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", line)} |\n");
        return text.ToString();
    }

    /// <summary>Replaces the tables in a document. A table with a row that is missing from the results stays unchanged.</summary>
    public static string Fill(string document, IReadOnlyList<RowResult> rows, string head)
    {
        var text = new StringBuilder();
        int at = 0;
        while (document.IndexOf(Begin, at, StringComparison.Ordinal) is >= 0 and var begin && document.IndexOf(Close, begin, StringComparison.Ordinal) is >= 0 and var close
            && document.IndexOf(End, close, StringComparison.Ordinal) is >= 0 and var end)
        {
            string[] ids = document[(begin + Begin.Length)..close].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            RowResult[] chosen = ids is ["all"] ? [.. rows] : [.. ids.Select(id => rows.FirstOrDefault(row => row.Id == id)).OfType<RowResult>()];
            int inside = close + Close.Length;
            text.Append(document, at, inside - at);
            text.Append(chosen.Length > 0 && (ids is ["all"] || chosen.Length == ids.Length) ? $"\n{head}\n\n{Rows(chosen)}" : document[inside..end]);
            at = end;
        }

        return text.Append(document, at, document.Length - at).ToString();
    }
}
