using System.Diagnostics;
using System.Text.Json;

namespace Samovar.Cli.Tests.Map;

/// <summary>The real tool, killed with SIGKILL while it runs, and then resumed.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Items = 3000;
    private const int SigKill = 137;

    // The very first, two at once, some that share a batch with other items, the very last.
    private static readonly int[] s_fatal = [1, 40, 41, 1500, Items];

    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_again_and_again_it_ends_with_the_results_of_an_uninterrupted_run(bool inOrder)
    {
        _folder.Write("in.txt", string.Concat(Enumerable.Range(1, Items).Select(n => $"{(char)('a' + (n % 26))}{n}{(s_fatal.Contains(n) ? "fatal" : "")}\n")));
        string[] order = inOrder ? ["--keep-order"] : [];
        string[] command = ["--input", "in.txt", "--output", "out.txt", "--job-log", "log.jsonl", "--resume", .. order];

        int kills = 0;
        ToolRun run;
        while ((run = await _folder.MapAsync(nameof(Sample.KillsTool), command)).ExitCode == SigKill) kills++;
        ToolRun uninterrupted = await _folder.MapAsync(nameof(Sample.KillsTool), ["--input", "in.txt", "--output", "whole.txt", .. order]);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        uninterrupted.ExitCode.ShouldBe(ExitCode.Success, uninterrupted.Error);
        kills.ShouldBeInRange(s_fatal.Length / 2, s_fatal.Length);
        if (inOrder) _folder.Lines("out.txt").ShouldBe(_folder.Lines("whole.txt"));
        else _folder.Lines("out.txt").Order().ShouldBe(_folder.Lines("whole.txt").Order());
        _folder.Log("log.jsonl").Select(l => l.GetProperty("seq").GetInt32()).Order().ShouldBe(Enumerable.Range(1, Items));
        _folder.Log("log.jsonl")[^1].GetProperty("end").GetInt64().ShouldBe(new FileInfo(_folder.PathOf("out.txt")).Length);
    }

    [ProcessFact]
    public async Task What_had_failed_runs_again_only_when_asked()
    {
        string[] command = ["--engine", "inline", "--range", "1..26", "--output", "out.txt", "--job-log", "log.jsonl"];
        await _folder.MapAsync(nameof(Sample.NotThirteen), command);
        ToolRun resumed = await _folder.MapAsync(nameof(Sample.NotThirteen), [.. command, "--resume", "--progress", "plain"]);
        ToolRun again = await _folder.MapAsync(nameof(Sample.NotThirteen), [.. command, "--resume-failed", "--progress", "plain"]);

        resumed.ExitCode.ShouldBe(ExitCode.Success);
        resumed.Error.ShouldContain("26 finished earlier, 0 succeeded, 0 failed");
        again.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        again.Error.ShouldContain("24 finished earlier, 0 succeeded, 2 failed");
        _folder.Lines("out.txt").Length.ShouldBe(24);
    }

    [ProcessFact]
    public async Task Files_that_a_run_writes_are_not_its_items()
    {
        _folder.Write("m.txt", "");
        string[] command = ["--engine", "inline", "--files", "*", "--output", "a.txt", "--job-log", "b.txt", "--resume"];
        ToolRun first = await _folder.MapAsync(nameof(Sample.Upper), command);
        ToolRun second = await _folder.MapAsync(nameof(Sample.Upper), command);

        first.ShouldBe(new ToolRun(ExitCode.Success, "", ""));
        second.ShouldBe(first);
        _folder.Lines("a.txt").ShouldBe(["M.TXT"]);
    }

    [ProcessFact]
    public async Task An_existing_log_is_never_overwritten_without_a_request()
    {
        await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--job-log", "log.jsonl", "--", "a");
        ToolRun second = await _folder.MapAsync(nameof(Sample.Upper), "--job-log", "log.jsonl", "--", "b");

        second.ExitCode.ShouldBe(ExitCode.Usage);
        second.Error.ShouldBe("samovar: log.jsonl is the log of an earlier run. Add --resume to continue that run, or delete the file, or name another.\n");
        _folder.Log("log.jsonl").ShouldHaveSingleItem().GetProperty("input").GetString().ShouldBe("a");
    }

    [ProcessTheory]
    [InlineData("Sample.Square --output out.txt -- 1 2", "its method is")]
    [InlineData("Sample.Upper --output other.txt -- 1 2", "its output is")]
    [InlineData("Sample.Upper --output out.txt --range 1..2", "its input is")]
    [InlineData("Sample.Upper --output out.txt --format jsonl -- 1 2", "its format is")]
    [InlineData("Sample.Upper --output out.txt --tag -- 1 2", "its format is text, but this run has text with inputs")]
    [InlineData("Sample.Upper --output out.txt -- 1 x", "The input has changed since the run in the job log: item 2 is now 'x'")]
    public async Task Another_run_than_the_log_s_is_refused(string command, string why)
    {
        await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--job-log", "log.jsonl", "--output", "out.txt", "--", "1", "2");
        ToolRun run = await _folder.ToolAsync(["map", MapFolder.Target, "--job-log", "log.jsonl", "--resume", .. command.Split(' ')]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(why);
        _folder.Lines("out.txt").ShouldBe(["1", "2"]);
    }

    [ProcessFact]
    public async Task Results_that_are_not_the_log_s_and_files_that_are_no_log_are_refused()
    {
        await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--job-log", "log.jsonl", "--output", "out.txt", "--", "first", "second");
        _folder.Write("out.txt", "x");
        _folder.Write("no.jsonl", "my diary\n");
        ToolRun shorter = await _folder.MapAsync(nameof(Sample.Upper), "--job-log", "log.jsonl", "--output", "out.txt", "--resume", "--", "first", "second");
        ToolRun diary = await _folder.MapAsync(nameof(Sample.Upper), "--job-log", "no.jsonl", "--resume", "--", "first");

        shorter.Error.ShouldContain("out.txt has 1 bytes, but its job log records 13");
        diary.Error.ShouldContain("no.jsonl is not a job log of samovar map: line 1 is 'my diary'");
        _folder.Lines("no.jsonl").ShouldBe(["my diary"]);
    }

    [ProcessFact]
    public async Task Two_runs_do_not_write_to_one_log()
    {
        await _folder.PrepareMeetingAsync();
        Process first = await _folder.StartAsync(nameof(Sample.Gated), "--job-log", "log.jsonl", "--", "a");
        await _folder.BegunAsync(1);
        ToolRun second = await _folder.MapAsync(nameof(Sample.Gated), "--job-log", "log.jsonl", "--resume", "--", "a");
        _folder.OpenGate();

        second.ExitCode.ShouldBe(ExitCode.Usage);
        second.Error.ShouldContain("The job log log.jsonl is in use by another run");
        (await MapFolder.EndAsync(first)).ExitCode.ShouldBe(ExitCode.Success);
    }

    [ProcessFact]
    public async Task Each_item_has_one_complete_line_in_the_log()
    {
        await _folder.MapAsync(nameof(Sample.SecondTime), "--job-log", "log.jsonl", "--output", "out.txt", "--retries", "1", "--", "5", "x");
        JsonElement[] log = [.. _folder.Log("log.jsonl").OrderBy(l => l.GetProperty("seq").GetInt32())];

        log.Length.ShouldBe(2);
        log[0].GetProperty("input").GetString().ShouldBe("5");
        log[0].GetProperty("outcome").GetString().ShouldBe("ok");
        log[0].GetProperty("attempts").GetInt32().ShouldBe(2);
        log[0].GetProperty("worker").GetInt32().ShouldBeGreaterThan(1);
        log[0].GetProperty("start").GetDateTime().ShouldBe(TimeProvider.System.GetUtcNow().UtcDateTime, TimeSpan.FromMinutes(2));
        log[0].GetProperty("ms").GetDouble().ShouldBeGreaterThan(0);
        log[0].TryGetProperty("error", out _).ShouldBeFalse();
        log[1].GetProperty("outcome").GetString().ShouldBe("malformed");
        log[1].GetProperty("error").GetString().ShouldBe("not a valid int: The input string 'x' was not in a correct format.");
        log[1].GetProperty("attempts").GetInt32().ShouldBe(1);
    }
}
