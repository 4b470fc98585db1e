using System.Text;
using Spectre.Console;

namespace Samovar.Cli.Ps;

/// <summary>Writes snapshots as text.</summary>
internal static class PsText
{
    public static string Tree(ProcessSnapshot snapshot)
    {
        var text = new StringBuilder($"process {snapshot.Pid}: {snapshot.Program} (Samovar {snapshot.Samovar})\n");
        foreach (var executor in snapshot.Executors) text.Append(executor);
        return Printable(text.ToString());
    }

    public static void List(IReadOnlyList<ProcessSnapshot> snapshots, IAnsiConsole console)
    {
        var table = new Table().NoBorder().AddColumn(new TableColumn("PID").RightAligned()).AddColumn("PROGRAM").AddColumn("EXECUTORS");
        foreach (var snapshot in snapshots)
        {
            string executors = string.Join('\n', snapshot.Executors.Select(static executor => $"{executor.Label}: {executor.State}"));
            table.AddRow(new Text($"{snapshot.Pid}"), new Text(Printable(snapshot.Program)), new Text(Printable(executors)));
        }

        console.Write(table);
    }

    /// <summary>Replaces control characters: names come from another program, and must not move the cursor or change colours.</summary>
    private static string Printable(string text) => string.Concat(text.Select(static one => char.IsControl(one) && one != '\n' ? '?' : one));
}
