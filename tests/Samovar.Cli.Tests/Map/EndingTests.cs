using System.Diagnostics;

namespace Samovar.Cli.Tests.Map;

/// <summary>How a map stops before its input is exhausted: signals, halt rules, outputs that go away.</summary>
public sealed class EndingTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task The_first_Ctrl_C_lets_running_items_finish_and_says_how_to_resume()
    {
        await _folder.PrepareMeetingAsync();
        string[] command = ["--output", "out.txt", "--job-log", "log.jsonl", "--workers", "2"];
        Process tool = await _folder.StartAsync(nameof(Sample.Gated), command);
        await WriteAsync(tool, "1\n2\n");
        await _folder.BegunAsync(2);
        await InterruptAsync(tool);
        await WriteAsync(tool, "3\n4\n"); // too late
        _folder.OpenGate();
        ToolRun run = await MapFolder.EndAsync(tool);

        run.ExitCode.ShouldBe(ExitCode.Interrupted);
        run.Error.ShouldBe("samovar: interrupted. 2 items are finished; run the same command with --resume to run the others.\n");
        _folder.Lines("out.txt").Order().ShouldBe(["1", "2"]);
        _folder.Log("log.jsonl").Length.ShouldBe(2);

        ToolRun resumed = await _folder.ShellAsync("printf '1\\n2\\n3\\n4\\n' | $map Sample.Gated --output out.txt --job-log log.jsonl --resume");
        resumed.ExitCode.ShouldBe(ExitCode.Success, resumed.Error);
        _folder.Lines("out.txt").Order().ShouldBe(["1", "2", "3", "4"]);
    }

    [ProcessFact]
    public async Task The_second_Ctrl_C_ends_what_runs_and_nothing_stays_behind()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartAsync(nameof(Sample.Stubborn), "--job-log", "log.jsonl", "--workers", "2", "--", "easy", "a", "b", "c");
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("easy");
        await _folder.BegunAsync(3);
        int[] workers = Children(tool.Id);
        await InterruptAsync(tool);
        await MapFolder.SignalAsync(tool, "INT");
        ToolRun run = await MapFolder.EndAsync(tool);

        run.ExitCode.ShouldBe(ExitCode.Interrupted);
        run.Error.ShouldBe("samovar: interrupted. 1 items are finished; run the same command with --resume to run the others.\n");
        run.Output.ShouldBeEmpty();
        _folder.Log("log.jsonl").ShouldHaveSingleItem().GetProperty("input").GetString().ShouldBe("easy");
        workers.Length.ShouldBeGreaterThan(0);
        workers.Where(w => Path.Exists($"/proc/{w}")).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Sigterm_ends_it_with_its_own_exit_code_and_a_whole_log()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartAsync(nameof(Sample.Stubborn), "--job-log", "log.jsonl", "--workers", "1", "--", "easy", "a");
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("easy");
        await _folder.BegunAsync(2);
        await MapFolder.SignalAsync(tool, "TERM");
        ToolRun run = await MapFolder.EndAsync(tool);

        run.ExitCode.ShouldBe(ExitCode.Terminated);
        run.Error.ShouldContain("terminated by SIGTERM. 1 items are finished");
        _folder.Log("log.jsonl").Length.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_third_Ctrl_C_ends_the_tool_where_an_item_of_its_own_process_cannot_be_ended()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartAsync(nameof(Sample.Stubborn), "--engine", "inline", "--job-log", "log.jsonl", "--", "easy", "a");
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("easy"); // written though the next one runs
        await _folder.BegunAsync(2);
        await InterruptAsync(tool);
        while (!tool.HasExited) await MapFolder.SignalAsync(tool, "INT");

        (await MapFolder.EndAsync(tool)).ExitCode.ShouldBe(ExitCode.Interrupted);
        _folder.Log("log.jsonl").ShouldHaveSingleItem().GetProperty("input").GetString().ShouldBe("easy");
    }

    [ProcessFact]
    public async Task Without_a_log_an_interrupted_run_says_that_it_starts_from_the_beginning()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartAsync(nameof(Sample.Gated), "--workers", "1");
        await WriteAsync(tool, "a\n");
        await _folder.BegunAsync(1);
        await InterruptAsync(tool);
        _folder.OpenGate();
        ToolRun run = await MapFolder.EndAsync(tool);

        run.Output.ShouldBe("a\n");
        run.Error.ShouldBe("samovar: interrupted. 1 items are finished. Without --job-log, the next run starts from the beginning.\n");
    }

    [ProcessFact]
    public async Task An_input_without_a_writer_does_not_delay_it()
    {
        await _folder.PrepareMeetingAsync();
        Process tool = await _folder.StartAsync(nameof(Sample.Gated));
        await WriteAsync(tool, "a\n");
        await _folder.BegunAsync(1); // an item is run as soon as it is there
        _folder.OpenGate();
        (await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("a"); // and its result is written at once
        await MapFolder.SignalAsync(tool, "INT");

        (await MapFolder.EndAsync(tool)).ExitCode.ShouldBe(ExitCode.Interrupted);
    }

    [ProcessFact]
    public async Task Halting_after_the_first_failure_begins_nothing_more()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.NotThirteen), "--range", "1..1000000", "--halt", "first", "--workers", "1");

        run.ExitCode.ShouldBe(ExitCode.Halted);
        run.Error.ShouldContain("samovar: item 13 '13' failed: InvalidDataException: 13 is unlucky\n");
        run.Error.ShouldContain("items have failed (--halt). ");
        run.Output.Split('\n').Length.ShouldBeLessThan(500_000);
    }

    [ProcessFact]
    public async Task Halting_after_some_failures_counts_them()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.NotThirteen), "--range", "1..100", "--halt", "3", "--engine", "inline");

        run.ExitCode.ShouldBe(ExitCode.Halted);
        run.Error.ShouldContain("samovar: stopped: 3 of 39 items have failed (--halt). 39 items are finished.");
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(36);
    }

    [ProcessFact]
    public async Task Halting_at_a_part_waits_until_there_is_something_to_speak_of()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.NotThirteen), "--range", "1..100", "--halt", "5%", "--engine", "inline");

        run.ExitCode.ShouldBe(ExitCode.Halted);
        run.Error.ShouldContain("samovar: stopped: 1 of 20 items have failed (--halt).");
    }

    [ProcessFact]
    public async Task A_reader_that_has_enough_ends_it_quietly()
    {
        ToolRun run = await _folder.ShellAsync("$map Sample.Square --range 1..100000000 -k | head -n 2; echo \"${PIPESTATUS[0]}\"");

        ToolRun dry = await _folder.ShellAsync("yes 2>/dev/null | $map Sample.Upper --dry-run | head -n 1; echo \"${PIPESTATUS[1]}\"");

        run.ShouldBe(new ToolRun(ExitCode.Success, $"1\n4\n{ExitCode.OutputClosed}\n", ""));
        dry.ShouldBe(new ToolRun(ExitCode.Success, $"string Sample.Upper(string text)\n{ExitCode.OutputClosed}\n", ""));
    }

    [ProcessTheory]
    [InlineData("--output /dev/full", "/dev/full cannot be written: No space left on device. Without --job-log")]
    [InlineData("--output out.txt --job-log /dev/full", "The job log /dev/full cannot be written: No space left on device. Free some space")]
    [InlineData("> /dev/full", "The output cannot be written: No space left on device. Without --job-log")]
    public async Task A_full_disk_is_one_clear_line(string where, string line)
    {
        ToolRun run = await _folder.ShellAsync($"$map Sample.Square --range 1..100 {where}");

        run.ExitCode.ShouldBe(ExitCode.OutputLost);
        run.Error.ShouldStartWith($"samovar: {line}");
        run.Error.Count(c => c == '\n').ShouldBe(1);
    }

    [ProcessFact]
    public async Task Where_errors_cannot_be_written_the_results_still_are()
    {
        ToolRun run = await _folder.ShellAsync("$map Sample.NotThirteen --range 1..100 --output out.txt --progress plain 2> /dev/full");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        _folder.Lines("out.txt").Length.ShouldBe(93);
    }

    [ProcessFact]
    public async Task A_disk_that_fills_up_loses_nothing_once_there_is_room()
    {
        // The size of files is limited, as a full disk would; a write that fits in part is cut there. The limit holds for the runtime
        // too, which otherwise maps its code through a large file.
        const string command = "$map Sample.Square --range 1..5000 --output out.txt --job-log log.jsonl --engine inline";
        ToolRun full = await _folder.ShellAsync($"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 200; {command}");
        ToolRun room = await _folder.ShellAsync($"{command} --resume");

        full.ExitCode.ShouldBe(ExitCode.OutputLost, full.Error);
        full.Error.ShouldBe("samovar: The job log log.jsonl cannot be written: Specified file length was too large for the file system. "
            + "Free some space and run the same command with --resume; it continues after the last item in both files.\n");
        room.ExitCode.ShouldBe(ExitCode.Success, room.Error);
        _folder.Lines("out.txt").Select(long.Parse).Order().ShouldBe(Enumerable.Range(1, 5000).Select(n => (long)n * n));
    }

    private static async Task WriteAsync(Process tool, string text)
    {
        await tool.StandardInput.WriteAsync(text);
        await tool.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    // Sends Ctrl-C and waits until the tool has stopped taking items.
    private static async Task InterruptAsync(Process tool)
    {
        await MapFolder.SignalAsync(tool, "INT");
        (await tool.StandardError.ReadLineAsync(TestContext.Current.CancellationToken))
            .ShouldBe("samovar: stopping; running items may finish. Press Ctrl-C again to kill them.");
    }

    private static int[] Children(int parent) =>
        [.. Directory.EnumerateDirectories($"/proc/{parent}/task").SelectMany(t => File.ReadAllText(t + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(int.Parse)];
}
