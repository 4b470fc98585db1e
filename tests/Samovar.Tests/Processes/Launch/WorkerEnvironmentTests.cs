using System.Collections;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes.Launch;

public sealed class WorkerEnvironmentTests
{
    [ProcessTheory]
    [InlineData("CORECLR_ENABLE_PROFILING")]
    [InlineData("CORECLR_PROFILER_PATH")]
    [InlineData("COR_PROFILER")]
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("DOTNET_DiagnosticPorts")]
    [InlineData("DOTNET_EnableEventPipe")]
    [InlineData("DOTNET_gcServer")]
    [InlineData("DOTNET_GCHeapHardLimit")]
    [InlineData("COMPlus_GCHeapCount")]
    [InlineData("SAMOVAR_WORKER")]
    public void What_is_meant_for_the_parent_stays_there(string name) => WorkerEnvironment.IsParentsOnly(name).ShouldBeTrue();

    [ProcessTheory]
    [InlineData("PATH")]
    [InlineData("HOME")]
    [InlineData("DOTNET_ROOT")]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT")]
    [InlineData("ASPNETCORE_ENVIRONMENT")]
    [InlineData("OMP_NUM_THREADS")]
    [InlineData("DOTNET_DbgEnableMiniDump")]
    [InlineData("DOTNET_CLI_UI_LANGUAGE")]
    [InlineData("MSBUILDNODECOUNT")]
    [InlineData("XUNIT_PARALLEL")]
    public void Variables_for_the_program_are_passed_through(string name) => WorkerEnvironment.IsParentsOnly(name).ShouldBeFalse();

    [ProcessFact]
    public void The_users_own_values_win_and_null_takes_away()
    {
        var start = new WorkerStartOptions
        {
            Program = typeof(string),
            ServerGarbageCollection = true,
            HeapLimit = 0x1000_0000,
            Environment = new Dictionary<string, string?> { ["A"] = "mine", ["B"] = null, ["DOTNET_TieredPGO"] = null },
        };
        Dictionary<string, string> built = WorkerEnvironment.Build(start, "invitation", new Hashtable { ["A"] = "parent's", ["B"] = "b", ["C"] = "c", ["SAMOVAR_CHANNEL"] = "portable" });
        built["A"].ShouldBe("mine");
        built.ShouldNotContainKey("B");
        built["C"].ShouldBe("c");
        built["DOTNET_gcServer"].ShouldBe("1");
        built["DOTNET_GCHeapHardLimit"].ShouldBe("10000000");
        built.ShouldNotContainKey("DOTNET_TieredPGO");
        built["SAMOVAR_CHANNEL"].ShouldBe("portable");
        built["DOTNET_EnableDiagnostics"].ShouldBe("0");
        built[WorkerInvitation.Variable].ShouldBe("invitation");
        built["DOTNET_gcConcurrent"].ShouldBe("0");
        WorkerEnvironment.Own(start with { ConcurrentGarbageCollection = true })["DOTNET_gcConcurrent"].ShouldBe("1");
        built["DOTNET_LTTng"].ShouldBe("0");
        var diagnosed = WorkerEnvironment.Own(start with { EnableDiagnostics = true });
        diagnosed.ShouldNotContainKey("DOTNET_EnableDiagnostics");
        diagnosed.ShouldNotContainKey("DOTNET_LTTng");
    }

    [ProcessFact]
    public void A_worker_that_is_up_puts_back_what_its_parent_has_but_for_what_the_user_chose()
    {
        var start = new WorkerStartOptions
        {
            Program = typeof(string),
            Environment = new Dictionary<string, string?> { ["A"] = "mine", ["B"] = null, ["DOTNET_gcConcurrent"] = "1" },
        };
        var parent = new Hashtable
        {
            ["A"] = "parent's",
            ["B"] = "b",
            ["C"] = "c",
            ["DOTNET_gcServer"] = "1",
            ["CORECLR_PROFILER"] = "p",
            ["DOTNET_DbgMiniDumpName"] = "/tmp/own",
            ["SAMOVAR_WORKER"] = "x",
        };
        var built = WorkerEnvironment.Build(start, "invitation", parent);
        built["DOTNET_DbgMiniDumpName"].ShouldBe("/tmp/own.%p");
        built.ShouldNotContainKey("CORECLR_PROFILER");
        WorkerEnvironment.PutBack(start, built, parent).ShouldBe(
            ["DOTNET_gcServer=1", "CORECLR_PROFILER=p", "DOTNET_DbgMiniDumpName=/tmp/own", "DOTNET_TieredPGO", "DOTNET_EnableDiagnostics", "DOTNET_LTTng"], ignoreOrder: true);
    }

    [ProcessFact]
    public void An_invitation_survives_its_text()
    {
        var invitation = new WorkerInvitation("12", new ChannelInvitation(ChannelKind.Portable, 7, -5, 4096, long.MaxValue, ChannelCookie.Random(), "/tmp/a;b"));
        WorkerInvitation.TryParse(invitation.ToString()).ShouldBe(invitation);
    }

    [ProcessTheory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1;Linux;1;2;3;4")]
    [InlineData("1;Linux;0;2;4096;4;00000000000000000000000000000000;")]
    [InlineData("1;Mars;1;2;4096;4;00000000000000000000000000000000;")]
    [InlineData("1;Linux;1;2;4096;4;xyz;")]
    public void A_malformed_invitation_is_ignored(string text) => WorkerInvitation.TryParse(text).ShouldBeNull();
}
