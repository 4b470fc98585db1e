namespace Samovar.Cli.Tests.Scripts;

/// <summary>The parts of README that scripts write.</summary>
public sealed class ReadmeTests
{
    [ProcessFact]
    public async Task The_terminal_session_is_what_its_commands_print()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell script runs it");

        (await ToolRun.ProgramAsync(Path.Combine(ToolRun.Root, "build/capture-session"), ["--check"])).ShouldBe(new ToolRun(0, "", ""));
    }

    [ProcessFact]
    public async Task The_chart_and_its_figures_are_those_of_the_kept_results()
    {
        FakePython.SkipUnlessInstalled();

        (await ToolRun.ProgramAsync("python3", [Path.Combine(ToolRun.Root, "benchmarks/chart"), "--check"])).ShouldBe(new ToolRun(0, "", ""));
    }
}
