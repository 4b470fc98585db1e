using Spectre.Console;

namespace Samovar.Cli.Top;

/// <summary>A column of a <see cref="TopTable"/>.</summary>
/// <param name="Title">The title.</param>
/// <param name="IsNumber">Whether the cells are aligned to the right. The others have texts, which are shortened if the table is too wide.</param>
/// <param name="Rank">Its importance: the columns with the highest numbers are left out first if the table is too wide; those with 0 stay.</param>
internal readonly record struct TopColumn(string Title, bool IsNumber = true, int Rank = 0);

/// <summary>Lays out a table in lines of a limited width.</summary>
internal sealed class TopTable(params TopColumn[] columns)
{
    private const int Gap = 2;
    private const int NarrowestText = 8;

    private readonly List<(string[] Cells, int Colour)> _rows = [];

    public int Rows => _rows.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="colour">The ANSI colour code of the row; 0 for the default.</param>
    /// <param name="cells">One text for each column.</param>
    public void Add(int colour, params string[] cells) => _rows.Add((cells, colour));

    /// <summary>Returns the title and the rows as lines.</summary>
    /// <param name="width">The width, in cells.</param>
    /// <param name="titleColour">The ANSI colour code of the title.</param>
    public IEnumerable<Piece[]> Lines(int width, int titleColour)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        int[] widths = [.. columns.Select((column, at) => _rows.Select(row => row.Cells[at].GetCellWidth()).Append(column.Title.GetCellWidth()).Max())];
        shown.RemoveAll(at => columns[at].Rank > 0 && _rows.TrueForAll(row => row.Cells[at].Length == 0)); // nothing to show
        while (Least(shown, widths) > width && shown.Where(at => columns[at].Rank > 0).ToList() is { Count: > 0 } optional)
            shown.Remove(optional.MaxBy(at => columns[at].Rank));
        Shrink(shown, widths, width);
        yield return [new Piece(Line(shown, widths, [.. columns.Select(static column => column.Title)]), titleColour)];
        foreach (var (cells, colour) in _rows) yield return [new Piece(Line(shown, widths, cells), colour)];
    }

    private int Least(List<int> shown, int[] widths) =>
        shown.Sum(at => columns[at].IsNumber ? widths[at] : Math.Min(widths[at], NarrowestText)) + (Gap * Math.Max(0, shown.Count - 1));

    /// <summary>Makes the widest columns of text narrower until the table fits.</summary>
    private void Shrink(List<int> shown, int[] widths, int width)
    {
        int excess = shown.Sum(at => widths[at]) + (Gap * Math.Max(0, shown.Count - 1)) - width;
        while (excess > 0 && shown.Where(at => !columns[at].IsNumber && widths[at] > NarrowestText).ToList() is { Count: > 0 } texts)
        {
            widths[texts.MaxBy(at => widths[at])]--;
            excess--;
        }
    }

    private string Line(List<int> shown, int[] widths, string[] cells) => string.Join(new string(' ', Gap), shown.Select(at =>
    {
        string cell = Cut(cells[at], widths[at]);
        string space = new(' ', Math.Max(0, widths[at] - cell.GetCellWidth()));
        return columns[at].IsNumber ? space + cell : cell + space;
    })).TrimEnd();

    private static string Cut(string text, int width)
    {
        if (text.GetCellWidth() <= width) return text;
        int length = text.Length;
        while (length > 0 && (text[..length].GetCellWidth() > width - 1 || char.IsHighSurrogate(text[length - 1]))) length--;
        return string.Concat(text.AsSpan(0, length), "…");
    }
}
