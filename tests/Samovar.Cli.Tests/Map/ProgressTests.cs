using System.Text.Json;
using Samovar.Cli.Tests.Map.Progress;

namespace Samovar.Cli.Tests.Map;

/// <summary>What a person, or a program, sees of a run.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task Piped_it_shows_nothing() =>
        (await _folder.MapAsync(nameof(Sample.Square), "--range", "1..3", "-k")).ShouldBe(new ToolRun(ExitCode.Success, "1\n4\n9\n", ""));

    [ProcessFact]
    public async Task Plain_progress_is_lines_and_a_summary()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.NotThirteen), "--range", "1..26", "--engine", "inline", "--progress", "plain", "-o", "out.txt");

        run.Error.ShouldContain("samovar: 26 of 26 (100 %), 2 failed, ");
        run.Error.ShouldContain("24 succeeded, 2 failed in ");
        run.Error.ShouldContain("Total time of the items: ");
        run.Error.ShouldContain("Failures: 2 × InvalidDataException.");
        run.Error.ShouldContain("Slowest:\n");
        run.Error.ShouldMatch(@"  item \d+  \d+\n");
        run.Error.ShouldNotContain("\u001b");
    }

    [ProcessFact]
    public async Task Json_progress_is_an_object_a_line()
    {
        _folder.Write("in.txt", "1\n2\nx\n");
        ToolRun run = await _folder.MapAsync(nameof(Sample.Square), "--input", "in.txt", "--engine", "inline", "--on-bad-input", "skip", "--progress", "json", "-o", "out.txt");

        JsonElement[] told = [.. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l))]; // every line is one
        told[0].GetProperty("message").GetString().ShouldStartWith("samovar: item 3 (line 3) is malformed: ");
        JsonElement summary = told[^1].GetProperty("summary"), last = told[^2];
        last.GetProperty("ended").GetInt32().ShouldBe(3);
        last.GetProperty("succeeded").GetInt32().ShouldBe(2);
        last.GetProperty("skipped").GetInt32().ShouldBe(1);
        last.GetProperty("failed").GetInt32().ShouldBe(0);
        last.GetProperty("total").ValueKind.ShouldBe(JsonValueKind.Null);
        last.GetProperty("fraction").GetDouble().ShouldBe(1);
        summary.GetProperty("skipped").GetInt32().ShouldBe(1);
        summary.GetProperty("failures").GetProperty("malformed input").GetInt32().ShouldBe(1);
        summary.GetProperty("slowest").GetArrayLength().ShouldBe(3);
    }

    [ProcessTheory]
    [InlineData("samovar: There is no target 'none.cs'", "none.cs")]
    [InlineData("samovar: --timeout ", "broken.cs", "--timeout", "x")]
    [InlineData("samovar: unknown option '--rnge'", "broken.cs", "--rnge", "1..2")]
    [InlineData("error CS1002", "broken.cs", "--", "1")]
    public async Task An_error_is_an_object_a_line_too(string begins, params string[] words)
    {
        _folder.Write("broken.cs", "public static class A { public static int F(int n) => n }");
        ToolRun run = await _folder.ToolAsync(["map", "--progress", "json", .. words]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        string[] told = [.. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l).GetProperty("message").GetString()!)];
        told.ShouldContain(line => line.Contains(begins));
    }

    [ProcessTheory]
    [InlineData("inline")]
    [InlineData("threads")]
    public async Task What_an_item_in_the_tool_writes_is_an_object_too(string engine)
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Silent), "--engine", engine, "--progress", "json", "-o", "out.txt", "--", "so \"far\"");

        JsonElement[] told = [.. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l))];
        told[0].GetProperty("message").GetString().ShouldBe("said so \"far\"");
    }

    [ProcessTheory]
    [InlineData(null)]
    [InlineData("1")]
    public async Task A_terminal_gets_a_bar_the_rate_and_the_summary(string? noColour)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script makes the terminal");
        ToolRun run = await ToolRun.ProgramAsync(
            "script", ["-qec", $"dotnet '{ToolRun.ToolPath}' map '{MapFolder.Target}' Sample.Square --range 1..50 -o out.txt", "/dev/null"],
            [("TERM", "xterm-256color"), ("NO_COLOR", noColour)], _folder.Root);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Output);
        run.Output.ShouldContain("━");
        var screen = new Screen { Width = 80, Height = 24 };
        screen.Write(run.Output);
        screen.Lines.Where(line => line.Contains('━')).ShouldHaveSingleItem().ShouldContain("50/50"); // however many displays there were
        screen.Lines.ShouldContain(line => line.StartsWith("50 succeeded, 0 failed in "));
        screen.Lines.Last().ShouldBe(""); // the prompt comes on a line of its own
        run.Output.Contains("\u001b[32m", StringComparison.Ordinal).ShouldBe(noColour is null);
        _folder.Lines("out.txt").Length.ShouldBe(50);
    }

    [ProcessFact]
    public async Task The_item_that_a_worker_runs_is_shown_with_its_age()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script makes the terminal");
        ToolRun run = await ToolRun.ProgramAsync(
            "script", ["-qec", $"dotnet '{ToolRun.ToolPath}' map '{MapFolder.Target}' Sample.Endless --range 3..3 -o out.txt --timeout 1500ms", "/dev/null"],
            [("TERM", "xterm-256color"), ("NO_COLOR", null)], _folder.Root);

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed, run.Output);
        run.Output.ShouldMatch(@"\d+ +(\d+ ms|1\.\d s)  item 1  3");
        run.Output.ShouldContain("1 failed");
    }
}
