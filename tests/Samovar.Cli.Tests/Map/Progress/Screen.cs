using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Samovar.Cli.Tests.Map.Progress;

/// <summary>A terminal: what is written, as it is seen. It scrolls without limit, but the cursor never leaves its last lines.</summary>
internal sealed class Screen : TextWriter
{
    private readonly List<List<string>> _lines = [[]]; // of cells; the second cell of a wide sign is empty
    private readonly StringBuilder _sequence = new();
    private int _row;
    private int _column;

    public int Width { get; set; }

    public int Height { get; init; }

    public override Encoding Encoding => Encoding.UTF8;

    public IEnumerable<string> Lines => _lines.Select(cells => string.Concat(cells));

    public override void Write(char value)
    {
        if (_sequence.Length > 0 || value == '\u001b')
        {
            _sequence.Append(value);
            bool isShort = _sequence.Length == 2 && value != '[';
            if (isShort || char.IsAsciiLetter(value)) Obey();
            return;
        }

        if (value == '\r') _column = 0;
        else if (value == '\n') Down();
        else Put(value.ToString());
    }

    /// <summary>Breaks lines that have become too long for the width, as terminals do; the cursor stays with its text.</summary>
    public void Reflow()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].Count <= Width) continue;
            _lines.Insert(i + 1, _lines[i][Width..]);
            _lines[i].RemoveRange(Width, _lines[i].Count - Width);
            if (_row >= i) _row++;
        }

        _column = Math.Min(_column, Width - 1);
    }

    /// <summary>Cuts lines that have become too long for the width, as xterm does.</summary>
    public void Cut()
    {
        foreach (List<string> line in _lines)
        {
            if (line.Count > Width) line.RemoveRange(Width, line.Count - Width);
        }

        _column = Math.Min(_column, Width - 1);
    }

    private void Put(string sign)
    {
        int cells = sign.GetCellWidth();
        if (_column + cells > Width) Down();
        List<string> line = _lines[_row];
        while (line.Count < _column + cells) line.Add(" ");
        line[_column++] = sign;
        if (cells == 2) line[_column++] = "";
    }

    private void Down()
    {
        _column = 0;
        if (++_row == _lines.Count) _lines.Add([]);
    }

    private void Obey()
    {
        string sequence = _sequence.ToString();
        _sequence.Clear();
        switch (sequence[^1])
        {
            case 'A':
                int up = int.Parse(sequence[2..^1], CultureInfo.InvariantCulture);
                _row = Math.Max(Math.Max(0, _lines.Count - Height), _row - Math.Max(1, up)); // 0 is 1
                break;
            case 'J':
                _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
                EraseLine();
                break;
            case 'K':
                EraseLine();
                break;
            case 'm': // colours
            case 'h' or 'l' or '=' or '>': // what keys send
                break;
            default:
                throw new InvalidOperationException($"this terminal does not know '{sequence}'");
        }
    }

    private void EraseLine()
    {
        if (_lines[_row].Count > _column) _lines[_row].RemoveRange(_column, _lines[_row].Count - _column);
    }
}
