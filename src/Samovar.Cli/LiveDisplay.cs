using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Samovar.Cli;

/// <summary>A part of a line.</summary>
/// <param name="Text">The text, without line breaks.</param>
/// <param name="Colour">The ANSI colour code, from 30; 0 for the terminal's default.</param>
internal readonly record struct Piece(string Text, int Colour = 0);

/// <summary>Redraws the last lines of a terminal in place. Messages are written above them and stay. Thread-safe.</summary>
/// <param name="terminal">The writer to the terminal.</param>
/// <param name="size">Returns the terminal's size, in cells; called for each display, because it can change.</param>
/// <param name="hasColours">Whether to use colours.</param>
/// <param name="reflows">Whether the terminal rewraps lines when it becomes narrower, instead of truncating them.</param>
internal sealed class LiveDisplay(TextWriter terminal, Func<(int Width, int Height)> size, bool hasColours, bool reflows = true)
{
    private const string Escape = "\u001b[";
    private const string EraseLine = Escape + "K";
    private const string EraseBelow = Escape + "J";

    private readonly Lock _gate = new();
    private IReadOnlyList<Piece[]> _lines = [];
    private int[] _cells = []; // widths of the lines on the screen; empty before the first display and after the last

    /// <summary>Draws lines in place of the previous ones.</summary>
    public void Draw(IReadOnlyList<Piece[]> lines)
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            Return(text);
            _lines = lines;
            Append(text);
            Write(text);
        }
    }

    /// <summary>Writes a line above the display.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            bool isShown = _cells.Length > 0;
            Return(text);
            if (isShown) text.Append(EraseBelow);
            text.Append(line).Append('\n');
            if (isShown) Append(text);
            Write(text);
        }
    }

    /// <summary>Stops redrawing: the display stays, and the next line is written below it.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_cells.Length > 0) Write(new StringBuilder("\n"));
            _cells = [];
        }
    }

    // Moves to the start of the display. If the terminal has become narrower, a line may occupy several rows.
    private void Return(StringBuilder text)
    {
        if (_cells.Length == 0) return;
        int width = Math.Max(1, size().Width);
        int up = (reflows ? _cells.Sum(cells => Math.Max(1, (cells + width - 1) / width)) : _cells.Length) - 1;
        text.Append('\r');
        if (up > 0) text.Append(CultureInfo.InvariantCulture, $"{Escape}{up}A"); // without a number, or with 0, the terminal would move up one line
    }

    // The last cell of a line stays empty: terminals differ in where the cursor is after it is written.
    private void Append(StringBuilder text)
    {
        (int width, int height) = size();
        Piece[][] shown = [.. _lines.Take(Math.Max(1, height - 1))];
        _cells = new int[shown.Length];
        for (int i = 0; i < shown.Length; i++)
        {
            if (i > 0) text.Append('\n');
            _cells[i] = Append(text, shown[i], Math.Max(1, width - 1));
            text.Append(i == shown.Length - 1 ? EraseBelow : EraseLine);
        }
    }

    private int Append(StringBuilder text, Piece[] line, int width)
    {
        int cells = 0;
        foreach (Piece piece in line)
        {
            string fitting = Fit(piece.Text, width - cells, out int used);
            cells += used;
            if (piece.Colour != 0 && hasColours && fitting.Length > 0)
                text.Append(CultureInfo.InvariantCulture, $"{Escape}{piece.Colour}m{fitting}{Escape}0m");
            else text.Append(fitting);
        }

        return cells;
    }

    private static string Fit(string text, int width, out int used)
    {
        var fitting = new StringBuilder(text.Length);
        used = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            string shown = Rune.IsControl(rune) ? " " : rune.ToString();
            int cells = shown.GetCellWidth();
            if (used + cells > width) break;
            fitting.Append(shown);
            used += cells;
        }

        return fitting.ToString();
    }

    private void Write(StringBuilder text)
    {
        terminal.Write(text.ToString());
        terminal.Flush();
    }
}
