namespace Samovar.Cli.Tests.Scripts;

/// <summary><c>./test</c> and <c>.ci/run</c>, with a stand-in for dotnet that plays the test runner.</summary>
public sealed class TestScriptTests : IDisposable
{
    private readonly ScriptFolder _folder = new("test", ".ci/run", "samovar", "build/install-needs");
    private readonly Dictionary<string, string> _projects = [];
    private string _formatting = "exit 0";
    private string _site = "exit 0";
    private string _broker = "echo '10 passed, 0 failed'";
    private string _packages = "echo '2 passed, 0 failed'";
    private string _build = "";

    public TestScriptTests() => _folder.Write("build/system-needs.txt", "# none\n");

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task The_last_line_counts_every_project()
    {
        Project("One.Tests", Result(passed: 3));
        Project("Two.Tests", Result(passed: 40));
        ToolRun run = await TestAsync();

        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        LastLine(run).ShouldBe("43 passed, 0 failed");
        run.Output.ShouldContain("took ");
    }

    [ProcessFact]
    public async Task Projects_that_run_side_by_side_are_counted_alike()
    {
        for (int i = 0; i < 5; i++)
            Project($"P{i}.Tests", Result(passed: 10 + i));

        LastLine(await TestAsync("-j", "3")).ShouldBe("60 passed, 0 failed");
    }

    [ProcessFact]
    public async Task A_project_with_shards_runs_as_several_processes_but_as_one_where_a_filter_chooses()
    {
        Project("One.Tests", Result(passed: 3));
        _folder.Write("tests/One.Tests/shards", "# a note\nsome -namespace One.A*\nothers -namespace- One.A*\n");
        ToolRun all = await TestAsync();
        ToolRun chosen = await TestAsync("Cancelling");

        LastLine(all).ShouldBe("6 passed, 0 failed");
        all.Output.ShouldContain("One.Tests.others");
        LastLine(chosen).ShouldBe("3 passed, 0 failed");
        _folder.Calls.ShouldContain("run One.Tests debug -namespace One.A*");
        _folder.Calls.ShouldContain("run One.Tests debug -namespace- One.A*");
        _folder.Calls.ShouldContain("run One.Tests debug -method *Cancelling*");
    }

    [ProcessFact]
    public async Task A_failed_test_fails_the_run_and_shows_that_project_s_log_only()
    {
        Project("Bad.Tests", "echo 'the bad log'; " + Result(passed: 1, failed: 2, skipped: 1) + "; exit 1");
        Project("Good.Tests", "echo 'the good log'; " + Result(passed: 5));
        ToolRun run = await TestAsync();

        run.ExitCode.ShouldBe(1);
        LastLine(run).ShouldBe("6 passed, 2 failed, 1 skipped");
        run.Output.ShouldContain("the bad log");
        run.Output.ShouldNotContain("the good log");
    }

    [ProcessTheory]
    [InlineData("exit 134", "Lost.Tests exited with code 134")]
    [InlineData("exit 0", "Lost.Tests exited with code 0")]
    [InlineData("exit 124", "Lost.Tests was killed after 900 s")]
    public async Task A_runner_that_ends_without_results_is_a_failure(string ending, string message)
    {
        Project("Lost.Tests", ending);
        Project("Good.Tests", Result(passed: 5));
        ToolRun run = await TestAsync();

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain(message);
        LastLine(run).ShouldBe("5 passed, 1 failed");
    }

    [ProcessFact]
    public async Task A_runner_that_crashes_after_its_tests_is_a_failure()
    {
        Project("Good.Tests", Result(passed: 5) + "; exit 139");

        LastLine(await TestAsync()).ShouldBe("5 passed, 1 failed");
    }

    [ProcessFact]
    public async Task A_run_without_tests_fails()
    {
        Project("Empty.Tests", Result(passed: 0));
        ToolRun run = await TestAsync();

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("no test ran");
        LastLine(run).ShouldBe("0 passed, 0 failed");
    }

    [ProcessFact]
    public async Task A_filter_may_find_nothing_in_one_project_but_not_in_all()
    {
        Project("One.Tests", Result(passed: 0) + "; exit 1");
        Project("Two.Tests", Result(passed: 2));
        ToolRun some = await TestAsync("Cancel");
        Project("Two.Tests", Result(passed: 0));
        ToolRun none = await TestAsync("Cancel");

        some.ExitCode.ShouldBe(0, some.Output);
        LastLine(some).ShouldBe("2 passed, 0 failed");
        none.ExitCode.ShouldBe(1);
    }

    [ProcessFact]
    public async Task Words_choose_tests_by_name_and_options_go_to_the_runner()
    {
        Project("One.Tests", Result(passed: 1));
        await TestAsync("-c", "Release", "Cancelling", "-parallel", "none");

        _folder.Calls.ShouldContain("run One.Tests release -method *Cancelling* -parallel none");
    }

    [ProcessFact]
    public async Task A_failed_build_shows_its_errors_and_runs_nothing()
    {
        Project("One.Tests", Result(passed: 1));
        _build = "echo 'error CS1002'; exit 1";
        ToolRun run = await TestAsync();

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("error CS1002");
        LastLine(run).ShouldBe("0 passed, 1 failed");
        _folder.Calls.ShouldNotContain(call => call.StartsWith("run", StringComparison.Ordinal));
    }

    [ProcessFact]
    public async Task A_missing_program_is_named_and_the_tests_continue()
    {
        Project("One.Tests", Result(passed: 1));
        _folder.Write("build/system-needs.txt", "no-such-program no-such-package tests of nothing\n");
        _folder.StandIn("apt-get", "exit 1");
        ToolRun run = await TestAsync();

        run.Output.ShouldContain("missing: no-such-program (Debian package no-such-package), for tests of nothing");
        LastLine(run).ShouldBe("1 passed, 0 failed");
    }

    [ProcessFact]
    public async Task The_continuous_build_counts_formatting_and_site_as_one_each()
    {
        Project("One.Tests", Result(passed: 4));
        ToolRun good = await CiAsync();
        _formatting = "echo 'A.cs(1,1): error WHITESPACE'; exit 2";
        ToolRun bad = await CiAsync();
        _site = "echo 'README.md: warning InvalidFileLink'; exit 1";
        ToolRun worse = await CiAsync();

        good.ExitCode.ShouldBe(0, good.Output + good.Error);
        LastLine(good).ShouldBe("18 passed, 0 failed");
        bad.ExitCode.ShouldBe(1);
        bad.Output.ShouldContain("error WHITESPACE");
        LastLine(bad).ShouldBe("17 passed, 1 failed");
        worse.ExitCode.ShouldBe(1);
        worse.Output.ShouldContain("warning InvalidFileLink");
        LastLine(worse).ShouldBe("16 passed, 2 failed");
    }

    [ProcessFact]
    public async Task The_continuous_build_fails_with_its_tests()
    {
        Project("One.Tests", Result(passed: 4, failed: 1, skipped: 3) + "; exit 1");
        ToolRun run = await CiAsync();

        run.ExitCode.ShouldBe(1);
        LastLine(run).ShouldBe("18 passed, 1 failed");
    }

    [ProcessTheory]
    [InlineData("echo 'FAILED console'; echo '1 passed, 1 failed'; exit 1", "17 passed, 1 failed")]
    [InlineData("echo 'no dotnet'; exit 1", "16 passed, 1 failed")]
    [InlineData("echo '2 passed, 0 failed'; exit 137", "18 passed, 1 failed")]
    public async Task The_continuous_build_counts_each_check_of_the_packages(string packages, string total)
    {
        Project("One.Tests", Result(passed: 4));
        _packages = packages;
        ToolRun run = await CiAsync();

        run.ExitCode.ShouldBe(1);
        LastLine(run).ShouldBe(total);
    }

    [ProcessTheory]
    [InlineData("echo 'FAILED a test'; echo '9 passed, 1 failed'; exit 1", "17 passed, 1 failed")]
    [InlineData("echo 'no dotnet'; exit 1", "8 passed, 1 failed")]
    [InlineData("echo '10 passed, 0 failed'; exit 137", "18 passed, 1 failed")]
    public async Task The_continuous_build_counts_each_test_against_a_broker(string broker, string total)
    {
        Project("One.Tests", Result(passed: 4));
        _broker = broker;
        ToolRun run = await CiAsync();

        run.ExitCode.ShouldBe(1);
        LastLine(run).ShouldBe(total);
    }

    private static string LastLine(ToolRun run) => run.Output.TrimEnd('\n').Split('\n')[^1];

    private static string Result(int passed, int failed = 0, int skipped = 0) =>
        $"echo '<assemblies><assembly name=\"x\" total=\"{passed + failed + skipped}\" passed=\"{passed}\" failed=\"{failed}\" "
        + $"skipped=\"{skipped}\" errors=\"0\"><collection passed=\"99\" failed=\"99\" /></assembly></assemblies>' > \"$xml\"";

    private void Project(string name, string runs)
    {
        _folder.Root.CreateSubdirectory($"tests/{name}");
        _projects[name] = runs;
    }

    private Task<ToolRun> TestAsync(params string[] arguments)
    {
        PrepareDotnet();
        return _folder.RunAsync("test", arguments);
    }

    private Task<ToolRun> CiAsync()
    {
        PrepareDotnet();
        Script("build/site", _site);
        Script("build/test-broker", _broker);
        Script("build/test-packages", _packages);
        return _folder.RunAsync(".ci/run");

        void Script(string path, string text)
        {
            _folder.Write(path, $"#!/usr/bin/env bash\n{text}\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder.PathOf(path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void PrepareDotnet() => _folder.StandIn("dotnet",
        $$"""
        case $1 in
        build)
            {{_build}}
            mkdir -p artifacts/bin/Samovar.Cli/release
            touch artifacts/bin/Samovar.Cli/release/Samovar.Cli.dll
            exit 0 ;;
        format) {{_formatting}} ;;
        --info | */VBCSCompiler.dll | */Samovar.Cli.dll) exit 0 ;;
        esac
        project=$(basename "$1" .dll); output=$(basename "$(dirname "$1")"); shift
        while [[ $1 != -xml ]]; do shift; done
        xml=$2; shift 2
        echo "run $project $output $*" >> "$calls"
        case $project in
        {{string.Join('\n', _projects.Select(project => $"{project.Key}) {project.Value} ;;"))}}
        esac
        """);
}
