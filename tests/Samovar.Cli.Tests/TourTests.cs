using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Tests;

/// <summary><c>samovar tour</c>. The tests of the examples check that each of its programs runs to completion.</summary>
public sealed class TourTests
{
    [ProcessFact]
    public void Every_program_of_the_chapter_is_there_with_a_sentence_about_it()
    {
        IReadOnlyList<ChapterProgram> programs = ChapterProgram.All();

        programs.Select(static program => program.Number).ShouldBe(Enumerable.Range(1, ChapterProgram.Count));
        programs.ShouldAllBe(static program => program.Work.Length > 10 && File.Exists(program.Assembly) && File.Exists(Path.Combine(ToolRun.Root, program.Source)));
        programs.Select(static program => program.Title).ShouldContain("No global lock");
    }

    [ProcessFact]
    public async Task Programs_are_run_in_order_and_their_output_keeps_the_relations_that_the_chapter_teaches()
    {
        ChapterRun[] runs = await RunsAsync("tour", "--json", "--only", "1", "2", "3", "4", "6", "14", "--jobs", "100");

        runs.Select(static run => run.Chapter).ShouldBe([1, 2, 3, 4, 6, 14]);
        runs.ShouldAllBe(static run => run.Seconds > 0 && run.ExitCode == 0 && run.Program.StartsWith("examples/chapter/", StringComparison.Ordinal));

        // What waits is done together in less time, however busy the machine is; work on processors is not compared here.
        Figures(runs[0], @"The same breakfast, ([\d.]+) times as fast").Single().ShouldBeGreaterThan(1.2);
        runs[1].Output.ShouldContain("while you typed 'samovar'");
        double[] cities = Figures(runs[2], @"9 temperatures in ([\d.]+) s");
        cities[1].ShouldBeLessThan(cities[0]);
        cities[2].ShouldBeLessThan(cities[0]);
        runs[3].Output.Skip(1).ShouldAllBe(static line => line.EndsWith("1,000,000", StringComparison.Ordinal));
        double[] queries = Figures(runs[5], @"in (\d+) ms");
        queries[1].ShouldBeLessThan(queries[0]);
    }

    [ProcessFact]
    public async Task One_program_is_shown_with_what_it_does_and_what_it_writes()
    {
        ToolRun run = await ToolRun.ToolAsync("tour", "--only", "12");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("12 Coroutines: Two coroutines on one thread");
        run.Output.ShouldContain("  both ended after 5 seconds\n");
        run.Output.ShouldContain("dotnet run examples/chapter/12-coroutines.cs");
        run.Output.ShouldNotContain("11 Futures");
        run.Output.ShouldNotContain("\u001b");
    }

    [ProcessTheory]
    [InlineData("--only", "15", "--only takes a whole number from 1 to 14, not '15'.")]
    [InlineData("--only", "tea", "--only takes a whole number from 1 to 14, not 'tea'.")]
    [InlineData("--jobs", "none", "--jobs takes a whole number from 1 to 1,000,000, not 'none'.")]
    public async Task What_is_not_there_is_refused(string option, string value, string told)
    {
        ToolRun run = await ToolRun.ToolAsync("tour", option, value);
        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(told);
        run.Error.ShouldNotContain("   at ");
    }

    private static async Task<ChapterRun[]> RunsAsync(params string[] arguments)
    {
        ToolRun run = await ToolRun.ToolAsync(arguments);
        run.ExitCode.ShouldBe(0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<ChapterRun>(line, JsonSerializerOptions.Web)!)];
    }

    private static double[] Figures(ChapterRun run, string pattern) =>
        [.. run.Output.SelectMany(line => Regex.Matches(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(1))).Select(static match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
}
