using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Ctrl-C in a whole program whose workers are at work.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed partial class InterruptTests
{
    private const int SigInt = 2;
    private const string Terminate = "\u0003";

    [ProcessFact]
    public async Task A_program_exits_at_Ctrl_C_by_its_own_decision_and_its_workers_print_nothing()
    {
        // setsid: the program leads the group that the signal goes to, as it would in a terminal's foreground.
        using var program = ProgramRun.Start("setsid", ["--wait", "dotnet", ProgramRun.ChildProgram, "await-interrupt", "true"]);
        ProcessTrace[] workers = await WorkersAsync(program);
        LinuxProcessCalls.kill(-ParentOf(workers[0].Id), SigInt).ShouldBe(0);

        var (exitCode, output, errors) = await program.EndAsync();
        output.ShouldBe("ended: Canceled Canceled\n");
        exitCode.ShouldBe(5);
        errors.ShouldBeEmpty("no worker prints a stack");
        ShouldHaveEnded(workers);
    }

    [ProcessFact]
    public async Task A_program_that_does_not_handle_Ctrl_C_ends_with_its_workers_and_they_say_nothing()
    {
        using var program = ProgramRun.Start("setsid", ["--wait", "dotnet", ProgramRun.ChildProgram, "await-interrupt", "false"]);
        ProcessTrace[] workers = await WorkersAsync(program);
        LinuxProcessCalls.kill(-ParentOf(workers[0].Id), SigInt).ShouldBe(0);

        var (exitCode, output, errors) = await program.EndAsync();
        (exitCode, output, errors).ShouldBe((128 + SigInt, "", ""));
        ShouldHaveEnded(workers);
    }

    [ProcessFact]
    public async Task In_a_terminal_the_shell_has_its_prompt_back_as_it_was()
    {
        string command = $"stty -a >/dev/null; dotnet '{ProgramRun.ChildProgram}' await-interrupt true; echo code $?; stty -a | grep -o ' icanon\\| -*echo\\b'; exit 7";
        using var terminal = ProgramRun.Start("script", ["-qec", $"exec bash -c \"{command.Replace("$", "\\$", StringComparison.Ordinal)}\"", "/dev/null"]);
        ProcessTrace[] workers = await WorkersAsync(terminal);
        await terminal.TypeAsync(Terminate);

        var (exitCode, output, _) = await terminal.EndAsync();
        output.ReplaceLineEndings("\n").ShouldEndWith("ended: Canceled Canceled\ncode 5\n icanon\n echo\n");
        exitCode.ShouldBe(7);
        ShouldHaveEnded(workers);
    }

    private static async Task<ProcessTrace[]> WorkersAsync(ProgramRun program) =>
        [.. Ids().Matches(await program.LineAsync()).Select(static id => new ProcessTrace(int.Parse(id.Value, CultureInfo.InvariantCulture)))];

    // In front may be an escape sequence that notifies the terminal that a program reads its keys.
    [GeneratedRegex(@"\d+(?= |\r?$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ids();

    private static int ParentOf(int id)
    {
        string status = File.ReadAllText($"/proc/{id}/stat");
        return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static void ShouldHaveEnded(ProcessTrace[] workers)
    {
        foreach (var worker in workers)
        {
            using (worker) worker.EndsWithin(TestTimeout.Wait).ShouldBeTrue($"worker {worker.Id}");
            ProcessTrace.FilesOf(worker.Id).ShouldBeEmpty();
        }
    }
}
