using System.Text.Json;

namespace Samovar.Cli.Tests;

/// <summary><c>samovar tour</c>, whole and in parts.</summary>
public sealed class TourTests
{
    private const int Lessons = 12;

    [ProcessFact]
    public async Task The_tour_shows_every_system_and_its_figures_keep_the_relations_that_the_chapter_teaches()
    {
        Row[] rows = await RowsAsync("tour", "--json", "--unit", "20", "--jobs", "500");

        rows.Select(static row => row.Chapter).Distinct().ShouldBe(Enumerable.Range(1, Lessons));
        rows.ShouldAllBe(static row => row.Seconds > 0 && row.Speedup > 0 && row.Title.Length > 0 && row.Result.Length > 0);

        // What waits is done together in less time, however busy the machine is; work on processors is not compared here.
        Way(rows, 1, "while the water boils").Speedup.ShouldBeGreaterThan(1.2);
        Way(rows, 3, "a thread for each").Speedup.ShouldBeGreaterThan(1.5);
        Way(rows, 3, "on the event loop").Speedup.ShouldBeGreaterThan(1.5);
        Way(rows, 8, "a pool of two").Speedup.ShouldBeGreaterThan(1.2);
        Way(rows, 11, "five workers, as they complete").Speedup.ShouldBeGreaterThan(1.2);
        Way(rows, 12, "coroutines of 4 and 5, together").Speedup.ShouldBeGreaterThan(1.2);
        Way(rows, 12, "coroutines of 4 and 5, in virtual time").Speedup.ShouldBeGreaterThan(3);
        Way(rows, 12, "five sleepers, started and awaited").Speedup.ShouldBeGreaterThan(1.5);
        Way(rows, 12, "two queries of 50 ms, together").Speedup.ShouldBeGreaterThan(1.2);
        Way(rows, 9, "a tiny task, a pool").Speedup.ShouldBeGreaterThan(100);

        // Each way of the same work has the same result.
        foreach (int lesson in (int[])[1, 2, 3, 7, 8, 11])
            rows.Where(row => row.Chapter == lesson).Select(static row => row.Result).Distinct().Count().ShouldBe(1, $"lesson {lesson}");
        rows.Where(static row => row.Chapter == 4).Skip(1).ShouldAllBe(static row => row.Result == "1,000,000 counted, 0 lost");
        rows.Where(static row => row is { Chapter: 5 } && !row.Way.StartsWith("Python", StringComparison.Ordinal)).ShouldAllBe(static row => row.Result == "148,933 primes");
        rows.Where(static row => row.Chapter == 8).ShouldAllBe(static row => row.Result == "started in the order abcdefgh");
        rows.Where(static row => row.Chapter == 10).Select(static row => row.Result).Distinct()
            .ShouldBe(["sum 49995000", "sum 4999950000", "sum 499999500000"]);
    }

    [ProcessFact]
    public async Task One_lesson_is_told_with_a_line_that_compares_and_a_table()
    {
        Ran run = await Ran.ToolAsync("tour", "--only", "1");
        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("while the water boils is ");
        run.Output.ShouldContain(" as fast as step by step");
        run.Output.ShouldContain("1 Tea");
        run.Output.ShouldNotContain("2 Input reader");
        run.Output.ShouldNotContain("\u001b");
    }

    [ProcessTheory]
    [InlineData("exit 1")]
    [InlineData("echo no figures")]
    public async Task A_Python_that_does_not_answer_is_left_out(string python)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-tour-");
        try
        {
            string program = Path.Combine(folder.FullName, "python3");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\n{python}\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            string path = $"{folder.FullName}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
            Ran run = await Ran.ToolAsync([("PATH", path)], "tour", "--only", "5");
            run.ExitCode.ShouldBe(0, run.Error);
            run.Output.ShouldContain("Python is here, and does not answer.");
            run.Output.ShouldNotContain("Python: ");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [ProcessTheory]
    [InlineData("--only", "13", "--only takes a number from 1 to 12, not '13'.")]
    [InlineData("--only", "tea", "--only takes a number from 1 to 12, not 'tea'.")]
    [InlineData("--unit", "0", "--unit takes a number from 1 to 60,000, not '0'.")]
    [InlineData("--unit", "long", "--unit takes a number from 1 to 60,000, not 'long'.")]
    [InlineData("--jobs", "none", "--jobs takes a number from 1 to 1,000,000, not 'none'.")]
    public async Task What_is_not_there_is_refused(string option, string value, string told)
    {
        Ran run = await Ran.ToolAsync("tour", option, value);
        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(told);
        run.Error.ShouldNotContain("   at ");
    }

    private static async Task<Row[]> RowsAsync(params string[] arguments)
    {
        Ran run = await Ran.ToolAsync(arguments);
        run.ExitCode.ShouldBe(0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!)];
    }

    private static Row Way(Row[] rows, int lesson, string way) => rows.Single(row => row.Chapter == lesson && row.Way == way);

    private sealed record Row(int Chapter, string Title, string Way, double Seconds, string Result, double Speedup);
}
