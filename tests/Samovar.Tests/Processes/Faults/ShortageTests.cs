using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Bad surroundings: each is a clear error at the first submit, and nothing is left. In a program of its own, which takes
/// what is missing away from itself when it has once worked.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ShortageTests
{
    private const string Nothing = " | left: 0 processes, 0 segments";

    [ProcessTheory]
    [InlineData("auto", "files", "ftruncate to")]
    [InlineData("portable", "files", "could not be started")]
    [InlineData("auto", "memory", "no thread can be started. Limits on processes")]
    [InlineData("auto", "processes", "no thread can be started. Limits on processes")]
    [InlineData("auto", "call memfd_create", "SAMOVAR_CHANNEL=portable")]
    [InlineData("auto", "call pidfd_open", "SAMOVAR_CHANNEL=portable")]
    public async Task The_first_future_reports_what_is_missing(string channel, string shortage, string told)
    {
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "short-of", .. shortage.Split(' ')], channel);
        lines.Length.ShouldBe(2);
        lines[0].ShouldBe("done" + Nothing);
        lines[1].ShouldStartWith("WorkerStartException: 'short' ");
        lines[1].ShouldContain(told);
        lines[1].ShouldEndWith(Nothing);
    }

    [ProcessFact]
    public async Task A_program_that_can_start_no_thread_gets_the_error_from_its_first_submit_and_its_first_child()
    {
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "short-of", "processes-first"], "auto");
        lines.Length.ShouldBe(3);
        lines[1].ShouldStartWith("WorkerStartException: 'short' ");
        lines[2].ShouldStartWith("WorkerStartException: A child process could not be started: ");
        lines[1..].ShouldAllBe(static line => line.Contains("no thread can be started. Limits on processes", StringComparison.Ordinal));
    }

    [ProcessTheory]
    [InlineData("portable", "-t tmpfs -o size=64k none /dev/shm", "the disk was full")]
    [InlineData("portable", "-t tmpfs -o ro none /dev/shm", "Read-only file system")]
    [InlineData("auto", "--bind /dev/null DOTNET", "could not be started: Permission denied")]
    [InlineData("auto", "--bind /dev/null LIBRARY", "Bad IL format")]
    public async Task The_first_future_reports_what_is_full_or_unreadable(string channel, string mount, string told)
    {
        if (!(await ProgramRun.OutputOfAsync("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")).Equals("", StringComparison.Ordinal))
            Assert.Skip("This needs a mount namespace, which is not allowed here.");

        string[] arguments = mount.Replace("DOTNET", Environment.ProcessPath, StringComparison.Ordinal)
            .Replace("LIBRARY", Path.Combine(ProgramRun.ChildDirectory, "Samovar.dll"), StringComparison.Ordinal).Split(' ');
        string[] lines = await RunAsync("unshare", ["-m", "dotnet", ProgramRun.ChildProgram, "short-of", "mount", .. arguments], channel);
        lines.Length.ShouldBe(2);
        lines[0].ShouldBe("done" + Nothing);
        lines[1].ShouldStartWith("WorkerStartException: 'short' ");
        lines[1].ShouldContain(told);
        lines[1].ShouldEndWith(Nothing);
    }

    [ProcessTheory]
    [InlineData("auto")]
    [InlineData("portable")]
    public async Task With_any_number_of_descriptors_left_the_first_future_succeeds_or_says_what_to_raise(string channel)
    {
        const int most = 16;
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "short-of", "descriptors", $"{most}"], channel);
        lines.Length.ShouldBe(1 + most + 1, "once with plenty, then with 0 to the most");
        lines.ShouldAllBe(static line => line.EndsWith(Nothing, StringComparison.Ordinal));
        foreach (string line in lines.Where(static line => !line.StartsWith("done", StringComparison.Ordinal)))
        {
            line.ShouldStartWith("WorkerStartException: 'short' ");
            line.ShouldContain("ulimit -n");
        }

        lines[1].ShouldStartWith("Worker");
        lines[^1].ShouldStartWith("done");
    }

    [ProcessFact]
    public async Task A_replacement_that_cannot_be_started_fails_what_waits_with_the_reason()
    {
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "short-of", "processes-later"], "auto");
        lines.Length.ShouldBe(2);
        lines[1].ShouldStartWith("WorkerCrashedException: Worker 'short #1'");
        lines[1].ShouldContain(" / WorkerStartException: 'short' cannot start workers");
        lines[1].ShouldContain("Resource temporarily unavailable");
        lines[1].ShouldContain("ulimit -u");
        lines[1].ShouldEndWith(Nothing);
    }

    [ProcessFact]
    public async Task What_is_used_first_when_no_descriptor_is_left_can_be_used_later()
    {
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "first-use-in-shortage"], "auto");
        lines.ShouldBe(["begun", "IOException / done", "IOException / done", "SharedObjectException / done"]);
    }

    [ProcessFact]
    public async Task A_tree_is_killed_where_no_descriptor_is_left_to_list_it_with()
    {
        string[] lines = await RunAsync("dotnet", [ProgramRun.ChildProgram, "kill-in-shortage"], "auto");
        lines.ShouldBe(["killed -9", "killed -9"]);
    }

    private static async Task<string[]> RunAsync(string file, string[] arguments, string channel)
    {
        // With it the compiler needs address space of its own for each method.
        using var run = ProgramRun.Start(file, arguments, channel, executableMemory: "0");
        var (exitCode, output, errors) = await run.EndAsync();
        exitCode.ShouldBe(0, errors);
        ProcessTrace.FilesOf(run.Id).Where(static f => f.Contains("samovar", StringComparison.Ordinal)).ShouldBeEmpty();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
