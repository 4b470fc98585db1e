using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Samovar.Cli.Tests.Map;
using Samovar.Cli.Tests.Map.Progress;
using Samovar.Cli.Tests.Ps;

namespace Samovar.Cli.Tests.Top;

/// <summary><c>samovar top</c> on the process that runs these tests, and on real programs that exit, are killed or send garbage.</summary>
public sealed class TopTests : IDisposable
{
    private const string Hello = """{"samovar":1,"version":"0.1.0","pid":1,"program":"app.dll"}""";

    private readonly MapFolder _folder = new();

    private static string Self => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task The_counts_of_one_picture_are_those_of_the_executor()
    {
        await using var executor = new ThreadExecutor(new() { Name = "counted by top", Workers = 2 });
        for (int i = 0; i < 7; i++) await executor.Submit(static () => 1);
        await Should.ThrowAsync<FormatException>(async () => await executor.Submit(Spill));
        using var gate = new ManualResetEventSlim();
        var held = executor.Submit(() => gate.Wait(), new() { Name = "held" });
        ToolRun run;
        JsonElement shown;
        do
        {
            run = await OnceAsync("--json");
            shown = JsonElement.Parse(run.Output).GetProperty("executors").EnumerateArray().Single(static one => one.GetProperty("name").GetString() == "counted by top");
        }
        while (shown.GetProperty("running").GetInt64() == 0); // the held task begins on another thread

        var counted = executor.GetStatistics();
        run.Output.Count(static sign => sign == '\n').ShouldBe(1);
        shown.GetProperty("submitted").GetInt64().ShouldBe(counted.Submitted);
        shown.GetProperty("succeeded").GetInt64().ShouldBe(7);
        shown.GetProperty("failed").GetInt64().ShouldBe(1);
        shown.GetProperty("running").GetInt64().ShouldBe(1);
        gate.Set();
        await held;
    }

    [ProcessFact]
    public async Task One_picture_as_text_has_executors_running_tasks_and_workers()
    {
        var program = await StartProgramAsync();
        ToolRun run = await ToolRun.ToolAsync("top", $"{program.Id}", "--once", "--rate", "20");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldMatch($@"^process {program.Id}: Samovar\.Cli\.dll map .* \(Samovar \d+\.\d+\.\d+, \.NET 10\.");
        run.Output.ShouldMatch(@"\ncpu \d+\.\d of \d+  memory \d.* up \d");
        run.Output.ShouldMatch(@"\n\nEXECUTOR +TYPE +RATE/S +QUEUED +RUNNING +DONE +FAILED ");
        run.Output.ShouldMatch(@"(?m)^\S.* +thread +0 +0 +1 +0 +0 ");
        run.Output.ShouldMatch(@"\n\nRUNNING FOR +TASK +(NAME +)?FUNCTION ");
        run.Output.ShouldMatch(@"(?m)^ *\S+ [mµ]?s +1 .*Sample\.Gated"); // the user's function, not that of the tool
        run.Output.ShouldMatch(@"\n\nWORKER +EXECUTOR +STATE ");
        run.Output.ShouldMatch(@"(?m)^\S.* +(busy|blocked) ");
        run.Output.ShouldNotContain("\u001b");
    }

    [ProcessFact]
    public async Task A_killed_map_has_the_users_function_in_its_post_mortem()
    {
        await _folder.PrepareMeetingAsync();
        var program = await _folder.StartAsync(nameof(Sample.Gated), "--engine", "processes", "--workers", "1", "--", "a");
        await _folder.BegunAsync(1);
        string pid = program.Id.ToString(CultureInfo.InvariantCulture);
        program.Kill();
        await program.WaitForExitAsync(Token);

        ToolRun run = await ToolRun.ToolAsync("post-mortem", pid, "--remove");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.ShouldContain("Sample.Gated");
        run.Output.ShouldNotContain("ItemCall");
    }

    [ProcessTheory]
    [InlineData("KILL", @"samovar: process \d+ \(.*\) was (terminated by signal 9 \(SIGKILL\)|killed, or crashed)\.\n")]
    [InlineData(null, @"samovar: process \d+ \(.*\) exited with code 0\.\n")]
    public async Task A_watched_program_that_ends_is_reported_with_how_it_ended(string? signal, string sentence)
    {
        var program = await StartProgramAsync();
        using Process top = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, "top", $"{program.Id}", "--json", "--rate", "5"]);
        string first = (await top.StandardOutput.ReadLineAsync(Token))!;
        if (signal is null) _folder.OpenGate();
        else await MapFolder.SignalAsync(program, signal);
        ToolRun run = await ToolRun.EndAsync(top, Token);

        JsonElement.Parse(first).GetProperty("executors").GetArrayLength().ShouldBeGreaterThan(0);
        run.Error.ShouldMatch($"^{sentence}$");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [ProcessFact]
    public async Task On_a_terminal_the_picture_is_redrawn_in_place_until_q()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script makes the terminal");
        var program = await StartProgramAsync();
        using Process script = await Starter.StartAsync(
            "script", ["-qec", $"dotnet '{ToolRun.ToolPath}' top {program.Id} --rate 10", "/dev/null"], [("TERM", "xterm-256color"), ("NO_COLOR", null)]);
        var output = new StringBuilder();
        char[] part = new char[4096];
        while (output.ToString().Split("RATE/S").Length < 4) // three times
        {
            int read = await script.StandardOutput.ReadAsync(part, Token);
            read.ShouldBeGreaterThan(0, output.ToString());
            output.Append(part, 0, read);
        }

        await script.StandardInput.WriteAsync("q");
        await script.StandardInput.FlushAsync(Token);
        ToolRun run = await ToolRun.EndAsync(script, Token);
        string all = output + run.Output;

        run.ExitCode.ShouldBe(ExitCode.Success, all);
        var screen = new Screen { Width = 80, Height = 24 };
        screen.Write(all);
        screen.Lines.Count(static line => line.Contains("RATE/S", StringComparison.Ordinal)).ShouldBe(1, all);
        screen.Lines.First().ShouldStartWith($"process {program.Id}: ");
        screen.Lines.Count().ShouldBeLessThanOrEqualTo(24);
        screen.Lines.Last().ShouldBe(""); // the prompt comes on a line of its own
    }

    [ProcessFact]
    public async Task A_reader_that_has_enough_ends_the_command()
    {
        var program = await StartProgramAsync();
        ToolRun run = await ToolRun.ProgramAsync(
            "bash", ["-c", $"dotnet '{ToolRun.ToolPath}' top {program.Id} --json --rate 20 | head -n 2; echo ${{PIPESTATUS[0]}}"]);

        run.Error.ShouldBeEmpty();
        string[] lines = run.Output.Split('\n');
        JsonElement.Parse(lines[1]).GetProperty("picture").GetInt64().ShouldBeGreaterThan(1);
        lines[2].ShouldBe($"{ExitCode.OutputClosed}");
    }

    [ProcessFact]
    public async Task Without_a_PID_the_programs_are_listed()
    {
        await using var executor = new ThreadExecutor(new() { Name = "to choose", Workers = 1 });
        await executor.Submit(static () => 1);
        ToolRun run = await ToolRun.ToolAsync("top");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldEndWith("samovar: choose a process: samovar top PID\n");
        run.Output.ShouldMatch(@"^ *PID PROGRAM +EXECUTORS\n");
        run.Output.ShouldMatch($@"(?m)^ *{Self} Samovar\.Cli\.Tests\.dll");
    }

    [ProcessTheory]
    [InlineData("PID takes a whole number of at least 1, not '0'", "0")]
    [InlineData("there is no process 2147483647. 'samovar ps' lists the processes that have executors.", "2147483647")]
    [InlineData("--rate takes a whole number from 1 to 20, not '21'", "1", "--rate", "21")]
    [InlineData("--json needs a PID.", "--json")]
    public async Task A_mistake_on_the_command_line_is_reported(string why, params string[] words)
    {
        ToolRun run = await ToolRun.ToolAsync(["top", .. words]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(why);
        run.Output.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_program_that_is_not_NET_and_a_stopped_one_are_reported_as_such()
    {
        using Process sleeper = await Starter.StartAsync("sleep", ["60"]);
        var program = await StartProgramAsync();
        try
        {
            ToolRun run = await ToolRun.ToolAsync("top", $"{sleeper.Id}");
            run.ExitCode.ShouldBe(ExitCode.NoAnswer);
            run.Error.ShouldContain($"process {sleeper.Id} has no diagnostic port. Either it is not a .NET program");

            await MapFolder.SignalAsync(program, "STOP");
            run = await ToolRun.ToolAsync("top", $"{program.Id}");
            run.ExitCode.ShouldBe(ExitCode.NoAnswer);
            run.Error.ShouldBe($"samovar: process {program.Id} is stopped and cannot respond. Resume it with: kill -CONT {program.Id}.\n");
        }
        finally
        {
            sleeper.Kill();
        }
    }

    [ProcessTheory]
    [InlineData(null, "is a .NET program without Samovar executors")]
    [InlineData("", "closed the connection in the middle of its response")]
    [InlineData(Hello + "\n", "closed the connection before its first picture")]
    [InlineData("{\"samovar\":2,\"pid\":1}\n", "its protocol has version 2, and this tool reads version 1")]
    [InlineData("\u0000\u0001\n", "its first line is not valid JSON")]
    [InlineData(Hello + "\n\u0000\u0001\n", "cannot be read: a line is not valid JSON")]
    [InlineData(Hello + "\n[1]\n", "cannot be read: a line is not a JSON object")]
    [InlineData(Hello + "\n{\"picture\":1,\"executors\":7}\n", "cannot be read: a picture is malformed")]
    [InlineData(Hello + "\n{\"picture\":1,\"executors\":[{\"queued\":1e99}]}\n", "cannot be read: a picture is malformed")]
    [InlineData(Hello + "\n{\"picture\":1,\"executors\":[null]}\n", "cannot be read: an element of a picture is null")]
    [InlineData(Hello + "\n{\"picture\":1,\"executors\":[{\"resources\":[null]}]}\n", "cannot be read: an element of a picture is null")]
    public async Task A_process_that_sends_garbage_is_reported_as_such(string? lines, string why)
    {
        using var port = new FakePort();
        ToolRun run = await port.AskAsync(FakePort.Confirmed, lines is null ? null : Encoding.UTF8.GetBytes(lines), "top", "--json");

        run.ExitCode.ShouldBe(ExitCode.NoAnswer, run.Error);
        run.Error.ShouldStartWith("samovar: ");
        run.Error.ShouldContain(why);
        run.Error.Split('\n').Length.ShouldBe(2, run.Error);
        run.Output.ShouldBeEmpty();
    }

    private static void Spill() => throw new FormatException("spilt");

    /// <summary>Starts a program that runs a task until the gate opens.</summary>
    private async Task<Process> StartProgramAsync()
    {
        await _folder.PrepareMeetingAsync();
        var program = await _folder.StartAsync(nameof(Sample.Gated), "--engine", "threads", "--", "a");
        await _folder.BegunAsync(1);
        return program;
    }

    private static async Task<ToolRun> OnceAsync(params string[] options)
    {
        ToolRun run = await ToolRun.ToolAsync(["top", Self, "--once", "--rate", "20", .. options]);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBeEmpty();
        return run;
    }
}
