using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Tests.Ps;

/// <summary><c>samovar ps</c> looks at the very process that runs these tests.</summary>
public sealed class PsTests
{
    private static string Self => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    [ProcessFact]
    public async Task The_tree_of_a_loop_is_shown_with_state_and_line_of_each_task()
    {
        await using var loop = new EventLoop(new() { Name = "looked at" });
        var never = new TaskCompletionSource();
        var work = loop.Submit(() => TaskGroup.RunAsync(group => { group.Run(() => StandAsync(never.Task), "waits"); }, new() { Name = "crowd" }));
        ToolRun run = await ShownAsync("crowd");

        run.Output.ShouldMatch(@"^process \d+: .*\(Samovar \d+\.\d+\.\d+\)\n");
        run.Output.ShouldContain("event loop 'looked at': ");
        run.Output.ShouldMatch(@"group 'crowd' \(PsTests\.cs:\d+\): 1 unfinished\n");
        run.Output.ShouldMatch(@"task 'waits' \(PsTests\.cs:\d+\): running\n[ │]+awaits at PsTests\.StandAsync \(PsTests\.cs:\d+\)\n");
        run.Error.ShouldBeEmpty();
        never.SetResult();
        await work;
    }

    [ProcessFact]
    public async Task A_loop_that_is_stuck_is_shown_with_what_blocks_it_and_another_one_as_usual()
    {
        await using var well = new EventLoop(new() { Name = "well" });
        await using var stuck = new EventLoop(new() { Name = "stuck", SlowCallbackThreshold = Timeout.InfiniteTimeSpan });
        using var gate = new ManualResetEventSlim();
        var never = new TaskCompletionSource();
        var other = well.Submit(() => StandAsync(never.Task), new() { Name = "of the well" });
        var waiting = stuck.Submit(() => StandAsync(never.Task), new() { Name = "behind" });
        stuck.Post(HoldUp, gate);
        ToolRun run = await ShownAsync("PsTests.HoldUp");

        run.Output.ShouldContain("event loop 'stuck': not responding; ");
        run.Output.ShouldMatch(@"callback PsTests\.HoldUp: running\n");
        run.Output.ShouldMatch(@"submitted task 1 'behind': running\n[ │]+awaits at PsTests\.StandAsync \(PsTests\.cs:\d+\)\n");
        run.Output.ShouldNotContain("'well': does not");
        gate.Set();
        never.SetResult();
        await waiting;
        await other;
    }

    [ProcessFact]
    public async Task Threads_and_worker_processes_are_shown_with_the_tasks_that_they_run()
    {
        await using var threads = new ThreadExecutor(new() { Name = "threads", Workers = 2 });
        using var gate = new ManualResetEventSlim();
        var held = threads.Submit(() => gate.Wait(), new() { Name = "held" });
        ToolRun run = await ShownAsync("'held'");

        run.Output.ShouldMatch(@"executor 'threads': \d of 2 workers, 1 running, 0 queued; 0 succeeded, 0 failed, 0 cancelled\n");
        run.Output.ShouldMatch(@"─ threads #\d: blocked\n[ │]+└─ task 1 'held': running for \d+\.\d s\n");
        gate.Set();
        await held;
    }

    [ProcessFact]
    public async Task JSON_has_the_same_tree_and_most_cuts_it()
    {
        await using var loop = new EventLoop(new() { Name = "for programs" });
        var never = new TaskCompletionSource();
        var work = loop.Submit(() => TaskGroup.RunAsync(
            group =>
            {
                for (int i = 0; i < 30; i++) group.Run(() => StandAsync(never.Task));
            },
            new() { Name = "thirty" }));
        await ShownAsync("thirty");
        ToolRun run = await ToolRun.ToolAsync("ps", Self, "--json", "--most", "3");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
        var group = json.RootElement.GetProperty("executors").EnumerateArray().Single(static executor => Label(executor) == "event loop 'for programs'")
            .GetProperty("children").EnumerateArray().Single(static child => Label(child)!.StartsWith("group 'thirty'", StringComparison.Ordinal));
        group.GetProperty("children").GetArrayLength().ShouldBe(4);
        group.GetProperty("children")[3].GetProperty("state").GetString().ShouldBe("27 more");
        group.GetProperty("children")[0].GetProperty("awaits").GetArrayLength().ShouldBe(2);
        never.SetResult();
        await work;
    }

    [ProcessFact]
    public async Task Without_a_PID_the_processes_are_listed()
    {
        await using var loop = new EventLoop(new() { Name = "in the list" });
        await loop.Submit(static () => 1);
        await ShownAsync("in the list");
        ToolRun text = await ToolRun.ToolAsync("ps");
        text.ExitCode.ShouldBe(ExitCode.Success, text.Error);
        text.Output.ShouldMatch(@"^ *PID PROGRAM +EXECUTORS\n");
        text.Output.ShouldMatch($@"(?m)^ *{Self} Samovar\.Cli\.Tests\.dll");
        text.Output.ShouldContain("event loop 'in the list': 0 ready");

        using var json = JsonDocument.Parse((await ToolRun.ToolAsync("ps", "--json")).Output);
        json.RootElement.EnumerateArray().Select(static one => one.GetProperty("pid").GetInt32()).ShouldContain(Environment.ProcessId);
    }

    [ProcessFact]
    public async Task A_process_with_another_temporary_folder_is_found()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The data comes from /proc.");
        await using var loop = new EventLoop(new() { Name = "elsewhere" });
        await ShownAsync("elsewhere");
        string folder = Directory.CreateTempSubdirectory("samovar-ps-").FullName;
        try
        {
            (await ToolRun.ToolAsync([("TMPDIR", folder)], "ps", Self)).Output.ShouldContain("event loop 'elsewhere'");
            (await ToolRun.ToolAsync([("TMPDIR", folder)], "ps")).Output.ShouldContain("event loop 'elsewhere'");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ProcessFact]
    public async Task A_stopped_process_is_reported_as_such()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The data comes from /proc.");
        // A program of the chapter: it writes at once, and its loop then sleeps for seconds.
        using Process stopped = await Starter.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "chapter", "12-coroutines.dll"), "real"]);
        try
        {
            string pid = stopped.Id.ToString(CultureInfo.InvariantCulture); // setpriv becomes the program, and keeps its number
            (await stopped.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();
            (await ToolRun.ProgramAsync("kill", ["-STOP", pid])).ExitCode.ShouldBe(0);
            ToolRun run = await ToolRun.ToolAsync("ps", pid);
            run.ExitCode.ShouldBe(ExitCode.NoAnswer);
            run.Error.ShouldBe($"samovar: process {pid} is stopped and cannot respond. Resume it with: kill -CONT {pid}.\n");
            run.Output.ShouldBeEmpty();
        }
        finally
        {
            stopped.Kill();
        }
    }

    [ProcessTheory]
    [InlineData("0", "PID takes a whole number of at least 1, not '", ExitCode.Usage)]
    [InlineData("x", "PID takes a whole number of at least 1, not '", ExitCode.Usage)]
    [InlineData("99999999999", "PID takes a whole number of at least 1, not '", ExitCode.Usage)]
    [InlineData("2147483647", "there is no process 2147483647. 'samovar ps' lists the processes that have executors.", ExitCode.Usage)]
    public async Task A_number_that_is_no_process_is_refused(string pid, string why, int exitCode)
    {
        ToolRun run = await ToolRun.ToolAsync("ps", pid);
        run.ExitCode.ShouldBe(exitCode);
        run.Error.ShouldContain(why);
        run.Output.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_program_that_is_not_NET_is_reported_as_such()
    {
        using Process sleeper = await Starter.StartAsync("sleep", ["60"]);
        try
        {
            ToolRun run = await ToolRun.ToolAsync("ps", sleeper.Id.ToString(CultureInfo.InvariantCulture));
            run.ExitCode.ShouldBe(ExitCode.NoAnswer);
            run.Error.ShouldContain($"process {sleeper.Id} has no diagnostic port. Either it is not a .NET program");
        }
        finally
        {
            sleeper.Kill();
        }
    }

    [ProcessFact]
    public async Task The_process_of_another_user_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The data comes from /proc.");
        Assert.SkipUnless(Peer.UserOf("self") == 0, "Only root can start a process of another user.");
        using Process nobodys = await Starter.StartAsync("setpriv", ["--reuid", "65534", "--clear-groups", "sh", "-c", "echo here; sleep 60"]);
        try
        {
            await nobodys.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken); // its parent has exited by now
            ToolRun run = await ToolRun.ToolAsync("ps", $"{nobodys.Id}");
            run.ExitCode.ShouldBe(ExitCode.Usage);
            run.Error.ShouldBe($"samovar: process {nobodys.Id} belongs to another user (uid 65534). A process can be inspected only by the user that owns it.\n");
        }
        finally
        {
            nobodys.Kill(entireProcessTree: true);
        }
    }

    private static string? Label(JsonElement node) => node.GetProperty("label").GetString();

    /// <summary>Looks until the snapshot has these words: what is shown begins on other threads.</summary>
    private static async Task<ToolRun> ShownAsync(string words)
    {
        while (true)
        {
            ToolRun run = await ToolRun.ToolAsync("ps", Self);
            if (run.ExitCode == ExitCode.Success && run.Output.Contains(words, StringComparison.Ordinal)) return run;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task StandAsync(Task until) => await until;

    private static void HoldUp(object? gate) => ((ManualResetEventSlim)gate!).Wait();
}
