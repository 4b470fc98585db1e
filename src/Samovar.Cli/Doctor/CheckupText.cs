using System.Globalization;
using Spectre.Console;

namespace Samovar.Cli.Doctor;

/// <summary>The checkup as a page to read: facts first, then what is missing and what follows from it, the verdict last.</summary>
internal static class CheckupText
{
    public static void Write(Checkup checkup, IAnsiConsole console)
    {
        RuntimeFacts runtime = checkup.Runtime;
        Section(console, $"Samovar {checkup.Samovar}",
        [
            ("runtime", $".NET {runtime.Version}, {runtime.Identifier}"),
            ("collector", $"{runtime.Collector}, {(runtime.ConcurrentCollector ? "concurrent" : "not concurrent")}"),
            ("compilation", Compilation(runtime)),
            ("system", $"{checkup.System.Name}, {checkup.System.Architecture}"),
            ("kernel", checkup.System.Kernel),
        ]);

        Section(console, "Cores and limits",
        [
            ("cores", $"{checkup.Cores.Usable} usable"),
            ("affinity", checkup.Cores.Affinity is { } cores ? Ranges(cores) : "not told"),
            ("quota", checkup.Cores.Quota is { } quota ? string.Create(CultureInfo.InvariantCulture, $"{quota:0.##} cores") : "none"),
            ("memory", $"{Bytes(checkup.Memory.Available)}, control group {Bytes(checkup.Memory.ControlGroup)}"),
            ("/dev/shm", Bytes(checkup.Memory.SharedMemoryFolder)),
            ("open files", Limit(checkup.Counts.OpenFiles)),
            ("processes", $"{Limit(checkup.Counts.Processes)}, control group {Count(checkup.Counts.ControlGroupProcesses, "none")}"),
            ("wake-up", checkup.WakeUpMicroseconds is { } time
                ? string.Create(CultureInfo.InvariantCulture, $"{time} µs there and back between two threads") : "not measured"),
        ]);

        Findings(console, checkup.Features);
        foreach (string note in checkup.Notes)
            console.MarkupLine($"[yellow]note[/] {Markup.Escape(note)}");
        if (checkup.Notes.Count > 0)
            console.WriteLine();

        if (checkup.CanRun)
            console.MarkupLine("[green]Samovar can run here.[/]");
        foreach (string obstacle in checkup.Obstacles)
            console.MarkupLine($"[red]Samovar cannot run here:[/] {Markup.Escape(obstacle)}");
    }

    private static void Section(IAnsiConsole console, string title, (string Name, string Value)[] rows)
    {
        console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        Grid grid = TwoColumns();
        foreach ((string name, string value) in rows)
            grid.AddRow(new Text($"  {name}"), new Text(value));
        console.Write(grid);
        console.WriteLine();
    }

    private static void Findings(IAnsiConsole console, IReadOnlyList<Finding> findings)
    {
        console.MarkupLine("[bold]What the platform offers[/]");
        Grid grid = TwoColumns().AddColumn(new GridColumn().PadLeft(2).PadRight(0));
        foreach (Finding finding in findings)
        {
            Style style = finding.Present ? Color.Green : finding.Feature.Need == Need.Required ? Color.Red : Color.Yellow;
            grid.AddRow(
                new Text($"  {finding.Feature.Name}"),
                new Text(finding.Present ? "yes" : "no", style),
                new Text($"{finding.Feature.Purpose} ({finding.Detail})"));
            if (!finding.Present)
                grid.AddRow(Text.Empty, Text.Empty, new Text($"without: {finding.Feature.Without}", style));
        }

        console.Write(grid);
        console.WriteLine();
    }

    // A column as wide as the longest name of all sections, so that they line up.
    private static Grid TwoColumns() => new Grid()
        .AddColumn(new GridColumn { NoWrap = true, Width = 17 }.PadLeft(0).PadRight(0))
        .AddColumn(new GridColumn().PadLeft(0).PadRight(0));

    private static string Compilation(RuntimeFacts runtime) => string.Join(", ",
    [
        runtime.TieredCompilation ? runtime.TieredPgo ? "tiered with profile" : "tiered" : "not tiered",
        .. runtime.DynamicCode ? (string[])[] : ["no dynamic code: shipping delegates is slow"],
    ]);

    private static string Limit(ResourceLimit? limit) => limit is null ? "not told" : Count(limit.Soft, "unlimited");

    private static string Count(long? count, string none) => count?.ToString(CultureInfo.InvariantCulture) ?? none;

    private static string Bytes(long? count) => count switch
    {
        null => "none",
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 30):0.#} GiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 20):0.#} MiB"),
    };

    /// <summary>"0-3, 8" for 0, 1, 2, 3, 8.</summary>
    internal static string Ranges(IReadOnlyList<int> sorted)
    {
        var parts = new List<string>();
        for (int i = 0; i < sorted.Count;)
        {
            int last = i;
            while (last + 1 < sorted.Count && sorted[last + 1] == sorted[last] + 1)
                last++;
            parts.Add(last == i ? $"{sorted[i]}" : $"{sorted[i]}-{sorted[last]}");
            i = last + 1;
        }

        return string.Join(", ", parts);
    }
}
