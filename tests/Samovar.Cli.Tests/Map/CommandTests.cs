using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Cli.Tests.Map;

/// <summary><c>samovar map --command</c>, run as its users run it.</summary>
[SupportedOSPlatform("linux")]
public sealed class CommandTests : IDisposable
{
    // File names that a careless tool splits, interprets or runs.
    private static readonly string[] s_nasty =
        ["two  words", "it's", "a\"b", "new\nline", "-n", "--help", "$(touch run)", "`touch run`", "; touch run;", "a\\nb", "*", "~", "{}", "{.}", "ü 日本", "tab\tbed", "a&b|c>d"];

    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessTheory]
    [InlineData("echo {}")]
    [InlineData("echo")]
    [InlineData("echo {} | cat")]
    public async Task The_output_equals_that_of_xargs(string command)
    {
        ToolRun ours = await _folder.ShellAsync($"seq 1 300 | $tool map -k --command '{command}' | md5sum");
        ToolRun theirs = await _folder.ShellAsync("seq 1 300 | xargs -n 1 echo | md5sum");

        ours.ShouldBe(theirs);
    }

    [ProcessTheory]
    [InlineData("linux", "printf '%s\\0' {}")]
    [InlineData("linux", "printf '%s\\0' {} | cat")]
    [InlineData("linux", "printf '%s\\0' \"{}\" | cat")]
    [InlineData("linux", "printf '%s\\0' '{}' | cat")]
    [InlineData("linux", "x={}; printf '%s\\0' \"$x\"")]
    [InlineData("portable", "printf '%s\\0' {}")]
    [InlineData("portable", "printf '%s\\0' {} | cat")]
    public async Task Any_text_arrives_as_it_is_and_never_runs(string platform, string command)
    {
        await File.WriteAllTextAsync(_folder.PathOf("names"), string.Concat(s_nasty.Select(n => n + "\0")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.PathOf("command"), command, TestContext.Current.CancellationToken);
        ToolRun run = await _folder.ShellAsync($"SAMOVAR_CHANNEL={(platform == "linux" ? "auto" : platform)} $tool map -0 -k --input names --command \"$(cat command)\"");

        run.ShouldBe(new ToolRun(ExitCode.Success, string.Concat(s_nasty.Select(n => n + "\0")), ""));
        File.Exists(_folder.PathOf("run")).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task What_a_dry_run_prints_does_the_same_in_a_shell()
    {
        await File.WriteAllTextAsync(_folder.PathOf("names"), string.Concat(s_nasty.Where(n => !n.Contains('\n')).Select(n => n + "\n")), TestContext.Current.CancellationToken);
        const string options = "map -k --input names --command \"printf '%s;' {} \\\"<{/.}>\\\" '[{#}]' | cat\"";
        ToolRun run = await _folder.ShellAsync($"$tool {options}");
        ToolRun dry = await _folder.ShellAsync($"$tool {options} --dry-run | sh");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        dry.Output.ShouldBe(run.Output);
        (await _folder.ToolAsync("map", "--dry-run", "--command", "convert {} {.}.png", "--", "a b.svg", "c.svg")).Output
            .ShouldBe("convert 'a b.svg' 'a b.png'\nconvert c.svg c.png\n");
    }

    [ProcessFact]
    public async Task Output_is_bytes_and_passes_unchanged_however_long_it_is()
    {
        await _folder.ShellAsync("head -c 3000000 /dev/urandom > noise; printf tail >> noise");
        ToolRun run = await _folder.ShellAsync("$tool map --command 'cat noise; cat noise >&2; : {}' -- 1 2>errors | cmp - noise && cmp errors noise && $tool map --output copy --command 'cat {}' -- noise && cmp copy noise");

        run.ShouldBe(new ToolRun(ExitCode.Success, "", ""));
    }

    [ProcessFact]
    public async Task The_output_of_an_item_stays_together_and_is_tagged_on_request()
    {
        const string command = "echo 1 {}; echo e {} >&2; sleep 0.0{}; printf 2";
        ToolRun plain = await _folder.ToolAsync("map", "-k", "--workers", "2", "--command", command, "--", "3", "1");
        ToolRun tagged = await _folder.ToolAsync("map", "-k", "--tag", "--command", command, "--", "3", "1");

        plain.ShouldBe(new ToolRun(ExitCode.Success, "1 3\n21 1\n2", "e 3\ne 1\n"));
        tagged.ShouldBe(new ToolRun(ExitCode.Success, "3\t1 3\n3\t21\t1 1\n1\t2", "3\te 3\n1\te 1\n"));
    }

    [ProcessFact]
    public async Task Lines_are_passed_on_at_once_with_line_buffer()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartToolAsync("map", "--line-buffer", "--tag", "--command", "echo first; read gate < gate; echo second; : {}", "--", "x");
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("x\tfirst"); // while the command waits
        await _folder.ShellAsync("echo > gate");

        (await MapFolder.EndAsync(tool)).ShouldBe(new ToolRun(ExitCode.Success, "x\tsecond\n", ""));
    }

    [ProcessFact]
    public async Task Failures_are_one_line_each_with_exit_code_or_signal_and_in_the_log()
    {
        ToolRun run = await _folder.ToolAsync("map", "-k", "--job-log", "log.jsonl", "--command", "test {} = s && kill -SEGV $$; echo out; exit {}", "--", "0", "3", "s");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Output.ShouldBe("out\nout\n"); // a failed command's output, too
        run.Error.ShouldBe("samovar: item 2 '3' failed: exit code 3\nsamovar: item 3 's' failed: killed by SIGSEGV\n");
        _folder.Log("log.jsonl").Select(l => l.GetProperty("outcome").GetString()).ShouldBe(["ok", "exit code 3", "killed by SIGSEGV"]);
        _folder.Log("log.jsonl")[1].GetProperty("exit").GetInt32().ShouldBe(3);
        _folder.Log("log.jsonl")[2].GetProperty("signal").GetInt32().ShouldBe(11);
    }

    [ProcessFact]
    public async Task Retries_and_resume_work_as_for_methods()
    {
        string[] command = ["map", "-k", "--retries", "1", "--job-log", "log.jsonl", "--output", "out", "--command", "echo x >> tries{}; test $(wc -l < tries{}) -ge {} && echo done {}", "--", "1", "2", "3"];
        ToolRun first = await _folder.ToolAsync(command);
        ToolRun again = await _folder.ToolAsync([.. command[..^4], "--resume-failed", .. command[^4..]]);

        first.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        first.Error.ShouldBe("samovar: item 3 '3' failed: exit code 1\n");
        again.ShouldBe(new ToolRun(ExitCode.Success, "", ""));
        _folder.Lines("out").ShouldBe(["done 1", "done 2", "done 3"]);
        ((string[])["tries1", "tries2", "tries3"]).Select(f => _folder.Lines(f).Length).ShouldBe([1, 2, 3]);
    }

    [ProcessTheory]
    [InlineData("linux")]
    [InlineData("portable")]
    public async Task A_time_limit_kills_the_whole_tree(string platform)
    {
        string mark = Mark();
        ToolRun run = await _folder.ShellAsync(
            $"SAMOVAR_CHANNEL={(platform == "linux" ? "auto" : platform)} $tool map --timeout 500ms --command 'sleep {mark} & sleep {mark}; : {{}}' -- 1");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Error.ShouldBe("samovar: item 1 '1' failed: TaskTimeoutException: it ran longer than its time limit of 500 ms\n");
        await UntilGoneAsync(mark);
    }

    [ProcessFact]
    public async Task A_command_that_ignores_SIGTERM_and_processes_outside_its_group_are_killed_too()
    {
        string mark = Mark();
        ToolRun run = await _folder.ToolAsync("map", "--timeout", "300ms", "--command", $"trap '' TERM; setsid sleep {mark} & while :; do sleep {mark}; done; : {{}}", "--", "1");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        await UntilGoneAsync(mark);
    }

    [ProcessFact]
    public async Task What_a_command_leaves_in_its_group_is_killed_when_it_has_exited()
    {
        string mark = Mark();
        (await _folder.ToolAsync("map", "--command", $"sleep {mark} & echo {{}}", "--", "1")).ShouldBe(new ToolRun(ExitCode.Success, "1\n", ""));
        await UntilGoneAsync(mark);
    }

    [ProcessTheory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", ExitCode.Terminated)]
    public async Task Nothing_stays_behind_when_the_tool_is_killed(string signal, int exitCode)
    {
        string mark = Mark();
        Process tool = await _folder.StartToolAsync("map", "--line-buffer", "--command", $"echo begun; sleep {mark} & (sleep {mark} &); sleep {mark}; : {{}}", "--", "1");
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("begun");
        await MapFolder.SignalAsync(tool, signal);

        (await MapFolder.EndAsync(tool)).ExitCode.ShouldBe(exitCode);
        await UntilGoneAsync(mark);
    }

    [ProcessFact]
    public async Task Output_and_exit_code_of_each_item_are_stored_on_request()
    {
        await _folder.ToolAsync("map", "--results", "kept", "--command", "echo out {}; echo err >&2; exit {}", "--", "0", "3");

        ((string[])["1/stdout", "1/stderr", "1/exit", "2/stdout", "2/stderr", "2/exit"]).Select(f => File.ReadAllText(_folder.PathOf($"kept/{f}")))
            .ShouldBe(["out 0\n", "err\n", "0\n", "out 3\n", "err\n", "3\n"]);
    }

    [ProcessFact]
    public async Task Columns_of_csv_json_and_lines_are_placeholders()
    {
        _folder.Write("o.csv", "name,n\nbob,1\n\"x y\",2\n");
        _folder.Write("o.jsonl", "{\"name\":\"bob\",\"n\":1}\n{\"n\":2}\n");

        (await _folder.ToolAsync("map", "-k", "-i", "o.csv", "--command", "echo {name}:{n}")).Output.ShouldBe("bob:1\nx y:2\n");
        (await _folder.ToolAsync("map", "-k", "-i", "o.csv", "--column", "name", "--command", "echo {}")).Output.ShouldBe("bob\nx y\n");
        (await _folder.ToolAsync("map", "-k", "--colsep", ":", "--command", "echo {2} {1}", "--", "a:b", "c:d")).Output.ShouldBe("b a\nd c\n");
        ToolRun json = await _folder.ToolAsync("map", "-k", "-i", "o.jsonl", "--command", "echo {name}:{n}");
        json.ShouldBe(new ToolRun(ExitCode.ItemsFailed, "bob:1\n", "samovar: item 2 (line 2) is malformed: it has no property 'name'; it has n '{\"n\":2}'\n"));
    }

    [ProcessFact]
    public async Task A_program_that_a_shell_does_not_find_stops_the_run()
    {
        ToolRun run = await _folder.ShellAsync("seq 1 1000 | $tool map --workers 1 --command 'no-such-program {} || exit 127'");

        run.ExitCode.ShouldBe(ExitCode.Halted);
        run.Error.ShouldContain("samovar: item 1 (line 1) '1' failed: exit code 127\n");
        run.Error.ShouldContain("samovar: stopped: item 1 shows that a program of the command cannot be run. ");
        run.Error.Split('\n').Length.ShouldBeLessThan(100);
    }

    [ProcessFact]
    public async Task Starts_can_be_delayed_and_commands_be_nice()
    {
        (await _folder.ToolAsync("map", "--nice", "5", "--delay", "1ms", "--load", "1000", "--command", "nice; : {}", "--", "1")).ShouldBe(new ToolRun(ExitCode.Success, "5\n", ""));
        (await _folder.ToolAsync("map", "--workers", "1", "-k", "--command", "echo {#}{%}", "--", "a", "b")).Output.ShouldBe("11\n21\n");
    }

    [ProcessTheory]
    [InlineData("--command|no-such-program {}|--|1", "The command cannot be run: there is no program 'no-such-program' in PATH.")]
    [InlineData("--command|/etc/passwd|--|1", "The command cannot be run: /etc/passwd is not executable.")]
    [InlineData("--command|echo {x}|--|1", "The command has an unknown placeholder, {x}: ")]
    [InlineData("--command|echo|x.cs", "'x.cs' is a target, but --command replaces the method. Items follow after --: … -- x.cs")]
    [InlineData("--command|echo", "the input, standard input, has no items.", ExitCode.Success)]
    [InlineData("--command|echo|--engine|threads|--|1", "--engine has no effect with --command")]
    [InlineData("--command|echo|--format|jsonl|--|1", "--format has no effect with --command")]
    [InlineData("--command|echo|--memory-limit|1G|--|1", "--memory-limit has no effect with --command")]
    [InlineData("--command|echo|--line-buffer|-k|--|1", "--line-buffer has no effect with --keep-order")]
    [InlineData("--command|echo {1}|--colsep|x*|--|1", "--colsep takes a character, tab or a regular expression that matches some text, not 'x*'.")]
    [InlineData("--command|echo|--nice|20|--|1", "--nice takes a whole number from -20 to 19, not '20'.")]
    [InlineData("--command|echo|--load|x|--|1", "--load takes a load average such as 3.5, or a percentage of the processors such as 80%, not 'x'.")]
    [InlineData("--command|echo {%}|--cluster|amqp://guest:guest@localhost/|--|1", "The placeholder {%} has no meaning with --cluster")]
    [InlineData("--command|echo|--delay|1s|--cluster|amqp://guest:guest@localhost/|--|1", "--delay has no effect with --cluster")]
    [InlineData("x.dll|--delay|1s", "--delay has no effect without --command.")]
    [InlineData("--", "no target is given. Name a C# file")]
    public async Task Mistakes_are_one_clear_line(string arguments, string message, int exitCode = ExitCode.Usage)
    {
        ToolRun run = await _folder.ToolAsync(["map", .. arguments.Split('|')]);

        run.ExitCode.ShouldBe(exitCode, run.Error);
        run.Error.ShouldContain($"samovar: {message}");
        run.Output.ShouldBeEmpty();
    }

    // A number of seconds that no other process sleeps for.
    private static string Mark() => string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.Next(100_000, 1_000_000)}.5");

    private static Task UntilGoneAsync(string mark) => TestTimeout.UntilAsync(() => !Directory.EnumerateDirectories("/proc").Any(p => Runs(p, mark)));

    private static bool Runs(string process, string mark)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Contains($"sleep\0{mark}\0", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // no process, or it has exited
        }
        catch (UnauthorizedAccessException)
        {
            return false; // of another user
        }
    }
}
