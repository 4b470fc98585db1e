using System.Text.Json;

namespace Samovar.Cli.Tests.Bench;

/// <summary><c>samovar bench</c>, with a row that takes a moment. The first of these tests builds the benchmarks where nobody has.</summary>
public sealed class BenchCommandTests
{
    [ProcessFact]
    public async Task A_row_is_measured_and_written_as_one_object()
    {
        Ran ran = await Ran.ToolAsync("bench", "--only", "P10.trip", "--quick", "--rounds", "1", "--json");

        ran.ExitCode.ShouldBe(ExitCode.Success, ran.Error + ran.Output);
        using JsonDocument row = JsonDocument.Parse(ran.Output);
        row.RootElement.GetProperty("id").GetString().ShouldBe("P10.trip");
        row.RootElement.GetProperty("ratio").GetDouble().ShouldBeGreaterThan(0);
    }

    [ProcessFact]
    public async Task A_row_is_measured_and_told_in_a_table()
    {
        Ran ran = await Ran.ToolAsync("bench", "--only", "P10.trip", "--quick", "--rounds", "1");

        ran.ExitCode.ShouldBe(ExitCode.Success, ran.Error + ran.Output);
        ran.Output.ShouldContain("cores of");
        ran.Output.ShouldMatch("P10.trip .* µs .*goal (just )?(reached|missed)");
    }

    [ProcessFact]
    public async Task A_row_that_is_not_there_is_refused()
    {
        Ran ran = await Ran.ToolAsync("bench", "--only", "P99");

        ran.ExitCode.ShouldBe(ExitCode.Usage);
        ran.Output.ShouldBeEmpty();
        ran.Error.ShouldStartWith("There is no row P99; there are P1, ");
    }

    [ProcessFact]
    public async Task Rounds_are_at_least_one()
    {
        Ran ran = await Ran.ToolAsync("bench", "--rounds", "0");

        ran.ExitCode.ShouldBe(ExitCode.Usage);
        ran.Error.ShouldContain("--rounds takes 1 to 1,000.");
    }

    [ProcessFact]
    public async Task Away_from_the_repository_it_says_what_it_needs()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-");
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            Ran ran = await Ran.ProgramAsync("dotnet", [Path.Combine(folder.FullName, "Samovar.Cli.dll"), "bench"], folder: folder.FullName);

            ran.ExitCode.ShouldBe(ExitCode.Usage);
            ran.Error.ShouldBe("samovar: 'samovar bench' builds its benchmarks from their sources, and there are none here: run ./samovar bench in a clone of Samovar's repository.\n");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
