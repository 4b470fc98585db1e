namespace Samovar.Cli.Tests.Scripts;

/// <summary><c>./samovar</c>, with a stand-in for dotnet that counts builds and echoes runs.</summary>
public sealed class SamovarScriptTests : IDisposable
{
    private readonly ScriptFolder _folder = new("samovar");

    public SamovarScriptTests() => BuildThat("");

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task The_first_call_builds_and_the_next_only_runs()
    {
        await _folder.RunAsync("samovar");
        await _folder.RunAsync("samovar");

        _folder.Calls.ShouldBe(["build", "run", "run"]);
    }

    [ProcessTheory]
    [InlineData("src/Samovar.Cli/Program.cs")]
    [InlineData("src/Samovar.Cli/New.cs")]
    [InlineData("examples/chapter/01-tea.cs")]
    [InlineData("Directory.Build.props")]
    [InlineData("global.json")]
    public async Task A_file_written_after_the_build_causes_another(string file)
    {
        await _folder.RunAsync("samovar");
        _folder.Write(file, "changed");
        await _folder.RunAsync("samovar");

        _folder.Calls.ShouldBe(["build", "run", "build", "run"]);
    }

    [ProcessFact]
    public async Task A_file_removed_after_the_build_causes_another()
    {
        await _folder.RunAsync("samovar");
        File.Delete(_folder.PathOf("src/Samovar.Cli/Program.cs"));
        await _folder.RunAsync("samovar");

        _folder.Calls.ShouldBe(["build", "run", "build", "run"]);
    }

    [ProcessFact]
    public async Task A_file_written_while_the_build_runs_causes_another()
    {
        BuildThat("echo changed > src/Samovar.Cli/Program.cs");
        await _folder.RunAsync("samovar");
        BuildThat("");
        await _folder.RunAsync("samovar");

        _folder.Calls.ShouldBe(["build", "run", "build", "run"]);
    }

    [ProcessFact]
    public async Task Arguments_exit_code_and_the_caller_s_folder_come_through()
    {
        string elsewhere = _folder.Root.CreateSubdirectory("else where").FullName;
        ToolRun run = await _folder.RunInAsync(elsewhere, _folder.PathOf("samovar"), "two words", "", "*", "--exit=7");

        run.ExitCode.ShouldBe(7);
        run.Output.ShouldBe($"{elsewhere}\n[two words][][*][--exit=7]\n");
        run.Error.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task It_finds_its_repository_through_links()
    {
        string folder = _folder.Root.CreateSubdirectory("links").FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "first"), _folder.PathOf("samovar"));
        File.CreateSymbolicLink(Path.Combine(folder, "second"), "first");
        ToolRun run = await _folder.RunInAsync("/", Path.Combine(folder, "second"));

        run.Output.ShouldBe("/\n\n");
        _folder.Calls.ShouldBe(["build", "run"]);
    }

    [ProcessFact]
    public async Task A_failed_build_shows_its_errors_and_is_tried_again()
    {
        BuildThat("echo 'Program.cs(1,1): error CS1002: ; expected'; exit 1");
        ToolRun failed = await _folder.RunAsync("samovar");
        BuildThat("");
        ToolRun mended = await _folder.RunAsync("samovar");

        failed.ExitCode.ShouldBe(1);
        failed.Output.ShouldBeEmpty();
        failed.Error.ShouldBe("Program.cs(1,1): error CS1002: ; expected\nsamovar: the build failed\n");
        mended.ExitCode.ShouldBe(0);
        _folder.Calls.ShouldBe(["build", "build", "run"]);
    }

    [ProcessFact]
    public async Task Two_calls_at_once_build_once_and_both_run()
    {
        // The first one's build starts the second call and continues only when that call waits for the lock.
        await ToolRun.ProgramAsync("mkfifo", [_folder.PathOf("second"), _folder.PathOf("gate")]);
        _folder.StandIn("flock", "[[ -e building && $1 == 9 ]] && echo > gate; PATH=${PATH#*:} exec flock \"$@\"");
        BuildThat($"touch building; '{_folder.PathOf("samovar")}' second > second 2>&1 & read -r < gate");
        Task<ToolRun> second = ToolRun.ProgramAsync("cat", [_folder.PathOf("second")]);
        ToolRun first = await _folder.RunAsync("samovar", "first");

        first.Output.ShouldEndWith("[first]\n");
        (await second).Output.ShouldEndWith("[second]\n");
        _folder.Calls.ShouldBe(["build", "run", "run"]);
    }

    [ProcessFact]
    public async Task A_build_leaves_a_running_tool_its_files_and_removes_them_later()
    {
        string again = $"echo changed > src/Samovar.Cli/Program.cs; '{_folder.PathOf("samovar")}'";
        _folder.StandIn("work", $"{again} inner; ls \"$1\"");
        ToolRun outer = await _folder.RunAsync("samovar", "work");
        string old = outer.Output.TrimEnd().Split('\n')[^1];
        await _folder.RunAsync("samovar");
        _folder.Write("src/Samovar.Cli/Program.cs", "changed again");
        await _folder.RunAsync("samovar");

        outer.Output.ShouldContain("[inner]\n");
        old.ShouldEndWith("/Samovar.Cli.dll");
        File.Exists(old).ShouldBeFalse();
        Directory.GetDirectories(_folder.PathOf("artifacts/tool")).ShouldHaveSingleItem();
        _folder.Calls.ShouldBe(["build", "run", "build", "run", "run", "build", "run"]);
    }

    [ProcessFact]
    public async Task Where_locks_are_refused_the_tool_runs_and_copies_of_the_last_week_are_kept()
    {
        _folder.StandIn("flock", "echo \"flock: $*: No locks available\" >&2; exit 71");
        ToolRun first = await _folder.RunAsync("samovar");
        string old = Directory.GetDirectories(_folder.PathOf("artifacts/tool")).ShouldHaveSingleItem();
        _folder.Write("src/Samovar.Cli/Program.cs", "changed");
        ToolRun second = await _folder.RunAsync("samovar");
        bool wasKept = Directory.Exists(old);
        Directory.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-9));
        _folder.Write("src/Samovar.Cli/Program.cs", "changed again");
        await _folder.RunAsync("samovar");

        first.ExitCode.ShouldBe(0, first.Error);
        second.Error.ShouldBeEmpty();
        wasKept.ShouldBeTrue();
        Directory.Exists(old).ShouldBeFalse();
        _folder.Calls.ShouldBe(["build", "run", "build", "run", "build", "run"]);
    }

    [ProcessFact]
    public async Task What_the_build_leaves_behind_does_not_hold_the_lock()
    {
        BuildThat("[[ -e /proc/self/fd/9 ]] && echo 'the lock was inherited' >> \"$calls\"");
        await _folder.RunAsync("samovar");

        _folder.Calls.ShouldBe(["build", "run"]);
    }

    [ProcessFact]
    public async Task The_real_one_starts_the_tool()
    {
        ToolRun run = await ToolRun.ProgramAsync(Path.Combine(ToolRun.Root, "samovar"), ["--version"], folder: "/");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldStartWith("0.");
    }

    // Running prints folder and arguments, and ends with the code that --exit names.
    private void BuildThat(string does) => _folder.StandIn("dotnet",
        $$"""
        if [[ $1 == build ]]; then
            echo build >> "$calls"
            {{does}}
            mkdir -p artifacts/bin/Samovar.Cli/release
            touch artifacts/bin/Samovar.Cli/release/Samovar.Cli.dll
            exit 0
        fi
        echo run >> "$calls"
        [[ $2 == work ]] && exec work "$1"
        shift
        pwd
        for argument; do printf '[%s]' "$argument"; [[ $argument == --exit=* ]] && code=${argument#--exit=}; done
        echo
        exit "${code:-0}"
        """);
}
