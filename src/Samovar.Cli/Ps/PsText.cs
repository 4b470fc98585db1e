using System.Text;
using Spectre.Console;

namespace Samovar.Cli.Ps;

/// <summary>Pictures as people read them.</summary>
internal static class PsText
{
    public static string Tree(ProcessPicture picture)
    {
        var text = new StringBuilder($"process {picture.Pid}: {picture.Program} (Samovar {picture.Samovar})\n");
        foreach (var executor in picture.Executors) text.Append(executor);
        return Printable(text.ToString());
    }

    public static void List(IReadOnlyList<ProcessPicture> pictures, IAnsiConsole console)
    {
        var table = new Table().NoBorder().AddColumn(new TableColumn("PID").RightAligned()).AddColumn("PROGRAM").AddColumn("EXECUTORS");
        foreach (var picture in pictures)
        {
            string executors = string.Join('\n', picture.Executors.Select(static executor => $"{executor.Label}: {executor.State}"));
            table.AddRow(new Text($"{picture.Pid}"), new Text(Printable(picture.Program)), new Text(Printable(executors)));
        }

        console.Write(table);
    }

    /// <summary>Names are another program's words: what would move a terminal's cursor or colour it is left out.</summary>
    private static string Printable(string text) => string.Concat(text.Select(static one => char.IsControl(one) && one != '\n' ? '?' : one));
}
