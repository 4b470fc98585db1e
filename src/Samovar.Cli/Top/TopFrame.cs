using System.Globalization;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Top;

/// <summary>Lays out a picture as lines: the process, advice, and tables that get as many rows as there is room for.</summary>
/// <param name="hello">What the process says of itself.</param>
/// <param name="history">The pictures.</param>
internal sealed class TopFrame(WatchHello hello, TopHistory history)
{
    public const int Red = 31;
    public const int Yellow = 33;
    public const int Grey = 90;

    private const int MostExecutors = 20;
    private const int MostMaps = 12;
    private const int MostTasks = 10;
    private const int MostWorkers = 32;
    private const int MostFunctions = 20;
    private const int MostAdvice = 8;

    /// <summary>Returns the lines.</summary>
    /// <param name="width">The width, in cells.</param>
    /// <param name="height">The maximum number of lines.</param>
    /// <param name="note">What is wrong with the connection, such as the age of the picture; empty for nothing.</param>
    public List<Piece[]> Lines(int width, int height, string note)
    {
        if (history.Now is not { } now) return [[new Piece($"{Title()}: waiting for the first picture")]];
        List<Piece[]> lines = [[new Piece(Title())], [new Piece(note.Length > 0 ? $"{note}  " : "", Yellow), new Piece(ProcessLine(now))]];
        foreach (var advice in now.Advice)
        {
            int colour = advice.Severity switch { "error" => Red, "warning" => Yellow, _ => 0 };
            string mark = advice.Severity switch { "error" => "✕ ", "warning" => "! ", _ => "· " };
            foreach (string line in Wrap(mark + TopText.Printable(advice.Text), width)) lines.Add([new Piece(line, colour)]);
        }

        int mostHead = 2 + Math.Clamp(height / 4, 1, MostAdvice);
        if (lines.Count > mostHead) lines.RemoveRange(mostHead, lines.Count - mostHead);
        AddTables(lines, now, width, height);
        return lines;
    }

    private string Title()
    {
        string version = hello.Version.Length == 0 ? "" : $"Samovar {hello.Version}, ";
        return TopText.Printable($"process {hello.Pid}: {hello.Program} ({version}{hello.Framework})");
    }

    private string ProcessLine(WatchedPicture now)
    {
        var process = now.Process;
        string cores = hello.Cores > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {hello.Cores}") : "";
        string allocates = history.AllocationRate() is { } rate ? $"  allocates {TopText.Bytes(rate)}/s" : "";
        string up = hello.Started is { } started ? $"  up {TopText.Time(now.At - started.ToUnixTimeMilliseconds())}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"cpu {process.Cpu:0.0}{cores}  memory {TopText.Bytes(process.Memory)}  heap {TopText.Bytes(process.Heap)}{allocates}  GC pauses {TopText.Percent(process.GcPause)}  "
            + $"thread pool {TopText.Count(process.PoolThreads)}, {TopText.Count(process.PoolQueue)} queued{up}  picture in {TopText.Time(now.Cost)}");
    }

    private void AddTables(List<Piece[]> lines, WatchedPicture now, int width, int height)
    {
        (int Count, int Most)[] sections =
        [
            (now.Executors.Count, MostExecutors), (now.Maps.Count, MostMaps), (now.Running.Count, MostTasks), (now.Workers.Count, MostWorkers), (now.Functions.Count, MostFunctions),
        ];
        int[] rows = RowsFor([.. sections.Select(static section => Math.Min(section.Count, section.Most))], height - lines.Count);
        TopTable[] tables =
        [
            TopTables.Executors(now, history, rows[0]), TopTables.Maps(now, rows[1]), TopTables.Running(now, rows[2]), TopTables.Workers(now, rows[3]), TopTables.Functions(now, rows[4]),
        ];
        foreach (var table in tables.Where(static table => table.Rows > 0))
        {
            lines.Add([]);
            lines.AddRange(table.Lines(width, Grey));
        }
    }

    /// <summary>Distributes the lines among tables, one row each in turn. A table takes two lines in addition to its rows.</summary>
    /// <param name="wanted">How many rows each table has.</param>
    /// <param name="room">How many lines there are.</param>
    public static int[] RowsFor(int[] wanted, int room)
    {
        int[] rows = new int[wanted.Length];
        for (bool hasAdded = true; hasAdded;)
        {
            hasAdded = false;
            for (int i = 0; i < rows.Length; i++)
            {
                int cost = rows[i] == 0 ? 3 : 1;
                if (rows[i] == wanted[i] || room < cost) continue;
                rows[i]++;
                room -= cost;
                hasAdded = true;
            }
        }

        return rows;
    }

    /// <summary>Breaks a sentence into lines between its words.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        const string indent = "  ";
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > indent.Length && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = indent + word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }
}
