using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using Samovar.Tests.Ipc.Shared;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Whole programs that exit while their executor has work.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProgramEndTests
{
    private const int SigHup = 1;
    private const int SigTerm = LinuxProcessCalls.SigTerm;

    [ProcessTheory]
    [InlineData("auto", "nothing", "")]
    [InlineData("portable", "nothing", "")]
    [InlineData("auto", "drain", "")]
    [InlineData("auto", "kill", "")]
    [InlineData("auto", "submit", "at the end: 42\n")]
    [InlineData("auto", "submit-late", "at the end: ObjectDisposedException: ")]
    public async Task A_program_that_exits_with_work_pending_exits_at_once_and_leaves_nothing(string channel, string how, string told)
    {
        using var program = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "end-with-work", how], channel);
        int worker = int.Parse(await program.LineAsync(), CultureInfo.InvariantCulture);

        var (code, output, errors) = await program.EndAsync();

        (code, errors).ShouldBe((6, ""));
        if (told.Length == 0) output.ShouldBeEmpty();
        else output.ShouldStartWith(told);
        await TestTimeout.UntilAsync(() => HasEnded(worker));
        foreach (int id in (int[])[program.Id, worker])
            ProcessTrace.FilesOf(id).Where(static f => f.Contains("samovar", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [ProcessTheory]
    [InlineData("dotnet", "nothing", SigTerm, 143, "tidied up\n")]
    [InlineData("dotnet", "nothing", SigHup, 129, "tidied up\n")]
    [InlineData("dotnet", "own", SigTerm, 6, "own handler\ntidied up\n")]
    [InlineData("nohup", "nothing", SigHup, 143, "tidied up\n")] // which it ignores; SIGTERM ends it
    public async Task A_signal_that_asks_a_program_to_end_gives_its_children_time_unless_the_program_decides(string starter, string handler, int signal, int code, string told)
    {
        string name = OwnNames.Own($"end-{starter}-{handler}-{signal}");
        string[] program = [ProgramRun.ChildProgram, "await-signal", handler, name];
        using var run = ProgramRun.Start(starter, starter == "dotnet" ? program : ["dotnet", .. program]);
        (await run.LineAsync()).ShouldBe("waiting");
        Holders(name).ShouldNotBeEmpty();

        LinuxProcessCalls.kill(run.Id, signal).ShouldBe(0);
        if (starter == "nohup") LinuxProcessCalls.kill(run.Id, SigTerm).ShouldBe(0);

        var (exitCode, output, _) = await run.EndAsync().WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken);
        (exitCode, output).ShouldBe((code, told));
        Holders(name).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_program_that_cannot_catch_signals_continues_and_a_signal_kills_it_at_once()
    {
        using var run = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "await-signal-after-shortage"]);
        (await run.LineAsync()).ShouldBe("waiting");

        LinuxProcessCalls.kill(run.Id, SigTerm).ShouldBe(0);

        var (exitCode, output, _) = await run.EndAsync().WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken);
        (exitCode, output).ShouldBe((143, ""));
    }

    /// <summary>Entries of processes that hold the object of that name.</summary>
    private static string[] Holders(string name) =>
        [.. Directory.GetDirectories("/dev/shm", "samovar-*").SelectMany(folder => Directory.GetFiles(folder, $"{name}~*"))];

    /// <summary>This program cannot reap it, so a zombie counts as exited.</summary>
    private static bool HasEnded(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // it has gone
        }
    }
}
