namespace Samovar.Cli.Tests.Scripts;

/// <summary><c>benchmarks/run</c>, with a stand-in for dotnet.</summary>
public sealed class BenchmarksScriptTests : IDisposable
{
    private readonly ScriptFolder _folder = new("benchmarks/run");

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task It_builds_in_the_repository_and_runs_with_its_arguments_in_the_caller_s_folder()
    {
        _folder.StandIn("dotnet", """
            echo "$1 in $PWD" >>"$calls"
            if [[ $1 == build ]]; then echo built; exit; fi
            printf '[%s]' "${@:2}"
            exit 7
            """);
        ToolRun run = await _folder.RunInAsync("/", _folder.PathOf("benchmarks/run"), "--only", "two words");

        run.ShouldBe(new ToolRun(7, "[run][--only][two words]", ""));
        _folder.Calls.ShouldBe([$"build in {_folder.Root.FullName}", $"{_folder.PathOf("artifacts/bin/Samovar.Benchmarks/release/Samovar.Benchmarks.dll")} in /"]);
    }

    [ProcessFact]
    public async Task A_failed_build_shows_its_errors_and_runs_nothing()
    {
        _folder.StandIn("dotnet", "echo $1 >>\"$calls\"; echo 'Program.cs(1,1): error CS1002: ; expected'; exit 1");
        ToolRun run = await _folder.RunAsync("benchmarks/run");

        run.ShouldBe(new ToolRun(1, "", "Program.cs(1,1): error CS1002: ; expected\nbenchmarks/run: the build failed\n"));
        _folder.Calls.ShouldBe(["build"]);
    }
}
