using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Whole programs that end while their executor has work.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProgramEndTests
{
    [ProcessTheory]
    [InlineData("auto", "nothing", "")]
    [InlineData("portable", "nothing", "")]
    [InlineData("auto", "drain", "")]
    [InlineData("auto", "kill", "")]
    [InlineData("auto", "submit", "at the end: 42\n")]
    [InlineData("auto", "submit-late", "at the end: ObjectDisposedException: ")]
    public async Task A_program_that_ends_with_work_pending_ends_at_once_and_leaves_nothing(string channel, string how, string told)
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

    /// <summary>Nobody of this program's can reap it: a dead one that waits for that counts as ended.</summary>
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
