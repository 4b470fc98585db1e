namespace Samovar.Cli.Tests.Scripts;

public sealed class ScriptFilesTests
{
    public static TheoryData<string> Scripts => ["samovar", "test", ".ci/run", "build/install-needs", "benchmarks/run"];

    [ProcessTheory]
    [MemberData(nameof(Scripts))]
    public async Task Bash_understands_each_script(string script) =>
        (await Ran.ProgramAsync("bash", ["-n", Path.Combine(Ran.Root, script)])).ShouldBe(new Ran(0, "", ""));

    [ProcessTheory]
    [MemberData(nameof(Scripts))]
    public async Task Git_knows_each_script_as_executable(string script)
    {
        Ran ran = await Ran.ProgramAsync("git", ["-c", "safe.directory=*", "ls-files", "--stage", "--", script], folder: Ran.Root);

        ran.Output.ShouldStartWith("100755 ", customMessage: ran.Error);
    }

    [ProcessFact]
    public void The_Windows_script_has_Windows_line_ends()
    {
        string text = File.ReadAllText(Path.Combine(Ran.Root, "samovar.cmd"));

        text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain('\n');
    }

    [ProcessFact]
    public void Each_need_of_the_system_names_program_package_and_reason()
    {
        foreach (string line in File.ReadLines(Path.Combine(Ran.Root, "build/system-needs.txt")).Where(line => line is not (['#', ..] or "")))
            line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3, line);
    }
}
