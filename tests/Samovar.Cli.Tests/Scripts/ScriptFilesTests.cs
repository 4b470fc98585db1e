namespace Samovar.Cli.Tests.Scripts;

public sealed class ScriptFilesTests
{
    public static TheoryData<string> Scripts => ["samovar", "test", ".ci/run", "build/install-needs", "build/site", "build/capture-session", "build/test-repeatedly", "build/test-packages", "build/dashboard", "build/test-dashboard", "benchmarks/run"];

    [ProcessTheory]
    [MemberData(nameof(Scripts))]
    public async Task Bash_understands_each_script(string script) =>
        (await ToolRun.ProgramAsync("bash", ["-n", Path.Combine(ToolRun.Root, script)])).ShouldBe(new ToolRun(0, "", ""));

    [ProcessTheory]
    [MemberData(nameof(Scripts))]
    public async Task Git_knows_each_script_as_executable(string script)
    {
        ToolRun run = await ToolRun.ProgramAsync("git", ["-c", "safe.directory=*", "ls-files", "--stage", "--", script], folder: ToolRun.Root);

        run.Output.ShouldStartWith("100755 ", customMessage: run.Error);
    }

    [ProcessFact]
    public void The_Windows_script_has_Windows_line_ends()
    {
        string text = File.ReadAllText(Path.Combine(ToolRun.Root, "samovar.cmd"));

        text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain('\n');
    }

    [ProcessFact]
    public void Each_need_of_the_system_names_program_package_and_reason()
    {
        foreach (string line in File.ReadLines(Path.Combine(ToolRun.Root, "build/system-needs.txt")).Where(line => line is not (['#', ..] or "")))
            line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3, line);
    }
}
