using System.Globalization;
using Spectre.Console;

namespace Samovar.Cli.Doctor;

/// <summary>Writes the report as text: facts first, then features and the consequences of missing ones, the verdict last.</summary>
internal static class HealthReportText
{
    public static void Write(HealthReport report, IAnsiConsole console)
    {
        RuntimeFacts runtime = report.Runtime;
        Section(console, $"Samovar {report.Samovar}",
        [
            ("runtime", $".NET {runtime.Version}, {runtime.Identifier}"),
            ("collector", $"{runtime.Collector}, {(runtime.ConcurrentCollector ? "concurrent" : "not concurrent")}"),
            ("compilation", Compilation(runtime)),
            ("system", $"{report.System.Name}, {report.System.Architecture}"),
            ("kernel", report.System.Kernel),
        ]);

        Section(console, "Cores and limits",
        [
            ("cores", $"{report.Cores.Usable} usable"),
            ("affinity", report.Cores.Affinity is { } cores ? Ranges(cores) : "unknown"),
            ("quota", report.Cores.Quota is { } quota ? string.Create(CultureInfo.InvariantCulture, $"{quota:0.##} cores") : "none"),
            ("memory", $"{Bytes(report.Memory.Available)}, control group {Bytes(report.Memory.ControlGroup)}"),
            ("/dev/shm", Bytes(report.Memory.SharedMemoryFolder)),
            ("open files", Limit(report.Counts.OpenFiles)),
            ("processes", $"{Limit(report.Counts.Processes)}, control group {Count(report.Counts.ControlGroupProcesses, "none")}"),
            ("wake-up", report.WakeUpMicroseconds is { } time
                ? string.Create(CultureInfo.InvariantCulture, $"{time} µs round trip between two threads") : "not measured"),
        ]);

        CheckResults(console, "Platform features", report.Features);
        foreach (string note in report.Notes) console.MarkupLine($"[yellow]note[/] {Markup.Escape(note)}");
        if (report.Notes.Count > 0) console.WriteLine();

        if (report.CanRun) console.MarkupLine("[green]Samovar can run here.[/]");
        foreach (string obstacle in report.Obstacles)
            console.MarkupLine($"[red]Samovar cannot run here:[/] {Markup.Escape(obstacle)}");
    }

    public static void Write(BrokerReport report, IAnsiConsole console)
    {
        CheckResults(console, $"Broker {report.Broker}", report.Features);
        if (report.CanUse) console.MarkupLine("[green]A cluster can use this broker.[/]");
        foreach (string obstacle in report.Obstacles)
            console.MarkupLine($"[red]A cluster cannot use this broker:[/] {Markup.Escape(obstacle)}");
    }

    private static void Section(IAnsiConsole console, string title, (string Name, string Value)[] rows)
    {
        console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        Grid grid = TwoColumns();
        foreach ((string name, string value) in rows) grid.AddRow(new Text($"  {name}"), new Text(value));
        console.Write(grid);
        console.WriteLine();
    }

    private static void CheckResults(IAnsiConsole console, string title, IReadOnlyList<CheckResult> results)
    {
        console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        Grid grid = TwoColumns().AddColumn(new GridColumn().PadLeft(2).PadRight(0));
        foreach (CheckResult result in results)
        {
            Style style = result.Present ? Color.Green : result.Feature.Severity == Severity.Required ? Color.Red : Color.Yellow;
            grid.AddRow(
                new Text($"  {result.Feature.Name}"),
                new Text(result.Present ? "yes" : "no", style),
                new Text($"{result.Feature.Purpose} ({result.Detail})"));
            if (!result.Present) grid.AddRow(Text.Empty, Text.Empty, new Text($"without: {result.Feature.Without}", style));
        }

        console.Write(grid);
        console.WriteLine();
    }

    // The first column is as wide as the longest name in any section, so that the sections align.
    private static Grid TwoColumns() => new Grid()
        .AddColumn(new GridColumn { NoWrap = true, Width = 17 }.PadLeft(0).PadRight(0))
        .AddColumn(new GridColumn().PadLeft(0).PadRight(0));

    private static string Compilation(RuntimeFacts runtime) => string.Join(", ",
    [
        runtime.TieredCompilation ? runtime.TieredPgo ? "tiered, with profile-guided optimization" : "tiered" : "not tiered",
        .. runtime.DynamicCode ? (string[])[] : ["no dynamic code: submitting delegates to processes is slow"],
    ]);

    private static string Limit(ResourceLimit? limit) => limit is null ? "unknown" : Count(limit.Soft, "unlimited");

    private static string Count(long? count, string none) => count?.ToString(CultureInfo.InvariantCulture) ?? none;

    private static string Bytes(long? count) => count switch
    {
        null => "none",
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 30):0.#} GiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 20):0.#} MiB"),
    };

    /// <summary>Formats core numbers as ranges: <c>0-3, 8</c> for 0, 1, 2, 3, 8.</summary>
    internal static string Ranges(IReadOnlyList<int> sorted)
    {
        var parts = new List<string>();
        for (int i = 0; i < sorted.Count;)
        {
            int last = i;
            while (last + 1 < sorted.Count && sorted[last + 1] == sorted[last] + 1) last++;
            parts.Add(last == i ? $"{sorted[i]}" : $"{sorted[i]}-{sorted[last]}");
            i = last + 1;
        }

        return string.Join(", ", parts);
    }
}
