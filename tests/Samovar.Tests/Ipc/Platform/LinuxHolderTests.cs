using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Platform;

/// <summary>Which processes are taken for gone when their descriptors cannot be opened.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LinuxHolderTests
{
    private const uint OfAnyProgram = 0x400000; // PF_RANDOMIZE
    private const uint Exiting = 4;
    private const long Memory = 270_000_000;
    private const int Eperm = 1;
    private const int Eacces = 13;
    private const int Emfile = 24;

    [ThreadTheory]
    [InlineData("dotnet", "S", OfAnyProgram, Memory, false)]
    [InlineData("dotnet", "R", OfAnyProgram, Memory, false)]
    [InlineData("dotnet", "T", OfAnyProgram, Memory, false)]
    [InlineData("a) Z 0 (b", "S", OfAnyProgram, Memory, false)]
    [InlineData("dotnet", "D", OfAnyProgram | Exiting, Memory, true)]
    [InlineData("dotnet", "R", OfAnyProgram | Exiting, 0L, true)]
    [InlineData("dotnet", "R", OfAnyProgram, 0L, true)]
    [InlineData("dotnet", "Z", OfAnyProgram, Memory, true)]
    [InlineData("dotnet", "X", OfAnyProgram, Memory, true)]
    [InlineData("dotnet", "x", OfAnyProgram, Memory, true)]
    public void The_kernel_shows_whether_a_process_has_released_what_it_held(string name, string state, uint flags, long memory, bool isGone) =>
        LinuxHolder.SaysGone(string.Create(CultureInfo.InvariantCulture,
            $"77 ({name}) {state} 1 77 77 0 -1 {flags} 900 0 0 0 12 3 0 0 20 0 9 0 5000 {memory} 9000 18446744073709551615 1 1 0\n")).ShouldBe(isGone);

    [ProcessFact]
    public async Task A_killed_process_that_has_not_been_reaped_holds_nothing()
    {
        using var run = ProgramRun.Start("/bin/sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]);
        int killed = int.Parse(await run.LineAsync(), CultureInfo.InvariantCulture);
        await TestTimeout.UntilAsync(() => File.ReadAllText($"/proc/{run.Id}/comm") == "sleep\n"); // it reaps no child from here on
        using (var process = Process.GetProcessById(killed)) process.Kill();
        await TestTimeout.UntilAsync(() => File.ReadAllText($"/proc/{killed}/stat").Contains(") Z ", StringComparison.Ordinal));
        var handle = new SharedHandle(1, 4096, ChannelCookie.Random(), killed, (int)ChannelKind.Linux);
        Should.Throw<SharedObjectException>(() => SharedStore.Of(ChannelKind.Linux).Open(handle)).Fault.ShouldBe(SharedObjectFault.NotFound);
        LinuxNamedMemory.TryOpen("without-a-holder", handle.Address).ShouldBeNull();

        // For root there is no such descriptor; other users are denied access.
        LinuxHolder.IsGone(killed, Error(Eacces)).ShouldBeTrue();
        LinuxHolder.IsGone(killed, Error(Emfile)).ShouldBeFalse();
        LinuxHolder.IsGone(run.Id, Error(Eacces)).ShouldBeFalse();
        run.Kill();
        await run.EndAsync();
        LinuxHolder.IsGone(run.Id, Error(Eperm)).ShouldBeTrue();
    }

    private static IOException Error(int number) => new("As the system says it.", new Win32Exception(number));
}
