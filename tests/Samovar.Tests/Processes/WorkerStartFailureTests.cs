using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes;

[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class WorkerStartFailureTests
{
    private static readonly HostFiles s_host = HostFiles.Find(HostFacts.Gather(LinuxProcessPlatform.Instance));

    [ProcessFact]
    public async Task A_body_that_throws_is_reported_with_its_error_and_its_stderr()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults with { Program = typeof(FailingProgram) });
        error.Message.ShouldContain("this body never comes up");
        error.Message.ShouldContain("HelloRead");
        error.ProcessId.ShouldNotBeNull();
    }

    [ProcessFact]
    public async Task An_error_too_long_for_the_smallest_ring_is_cut()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults with { Program = typeof(FailingProgram), Channel = new ChannelSizes { ResultsCapacity = 4096 } });
        error.Message.ShouldContain("failed after the step HelloRead: System.");
    }

    [ProcessFact]
    public async Task A_missing_dotnet_is_reported_at_once()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults, new HostFiles("/nowhere/dotnet", [], ReExecutes: false));
        error.Message.ShouldContain("/nowhere/dotnet");
        error.Message.ShouldContain("errno 2");
    }

    [ProcessFact]
    public async Task A_missing_configuration_is_reported_in_the_hosts_own_words()
    {
        var host = new HostFiles(s_host.FileName, ["exec", "--runtimeconfig", "/nowhere/x.runtimeconfig.json", typeof(ProcessWorker).Assembly.Location], ReExecutes: false);
        WorkerStartException error = await FailAsync(TestPeer.Defaults, host);
        error.Message.ShouldContain("before it was ready");
        error.ErrorOutput.ShouldContain("/nowhere/x.runtimeconfig.json");
    }

    [ProcessFact]
    public async Task A_rebuilt_module_is_refused()
    {
        var rebuilt = ModuleId.Of(typeof(WorkerStartFailureTests).Module) with { Version = Guid.Empty };
        WorkerStartException error = await FailAsync(TestPeer.Defaults with { Modules = [rebuilt] });
        error.Message.ShouldContain("rebuilt");
        error.Message.ShouldContain("Samovar.Tests");
    }

    [ProcessFact]
    public async Task A_worker_that_takes_too_long_is_reported_with_its_step()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults with { Timeout = TimeSpan.FromMilliseconds(100) }, new HostFiles("/bin/sleep", ["60"], ReExecutes: false));
        error.Message.ShouldContain("100 ms");
        error.Message.ShouldContain("still running");
        error.Message.ShouldContain("Started");
    }

    [ProcessTheory]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void A_program_that_is_its_own_worker_and_has_not_asked_is_refused_before_it_is_started_again(bool isRunAgain, bool hasAsked, bool isRefused)
    {
        void Check() => ProcessWorker.ThrowIfUnprepared(isRunAgain, hasAsked);
        if (isRefused) Should.Throw<WorkerStartException>(Check).Message.ShouldContain("Call it first in Main");
        else Should.NotThrow(Check);
    }

    [ProcessFact]
    public void This_program_is_not_its_own_worker() => HostFiles.IsRunAgain.ShouldBeFalse();

    [ProcessFact]
    public async Task A_single_file_that_does_not_call_RunIfWorker_first_gets_an_error_that_names_it()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults, new HostFiles("/bin/true", [], ReExecutes: true));
        error.Message.ShouldContain("ProcessWorker.RunIfWorker(args)");
    }

    [ProcessFact]
    public async Task A_program_run_again_by_mistake_cannot_start_workers()
    {
        var host = new HostFiles(s_host.FileName, [typeof(PeerProgram).Assembly.Location, "start-worker"], ReExecutes: true);
        using var bell = new ParentBell(ChannelPlatform.Create(ChannelKind.Linux));
        using WorkerChannelSetup setup = await new WorkerLauncher(bell, host).LaunchAsync(TestPeer.Defaults);
        Should.Throw<WorkerStartException>(setup.Wait);
        (await setup.Process.Exited).ExitCode.ShouldNotBe(0);
        string said = setup.Process.Output.ToString() + setup.Process.Errors;
        said.ShouldContain("started as a Samovar worker");
    }

    [ProcessTheory]
    [MemberData(nameof(BadOptions))]
    public async Task An_option_out_of_range_is_refused_before_anything_starts(object start)
    {
        using var bell = new ParentBell(ChannelPlatform.Create(ChannelKind.Linux));
        await Should.ThrowAsync<Exception>(() => new WorkerLauncher(bell, s_host).LaunchAsync((WorkerStartOptions)start));
    }

    public static TheoryData<object> BadOptions() =>
    [
        TestPeer.Defaults with { Program = typeof(string) },
        TestPeer.Defaults with { Program = typeof(WorkerProgram) },
        TestPeer.Defaults with { Niceness = 20 },
        TestPeer.Defaults with { HeapLimit = 1 },
        TestPeer.Defaults with { HeapLimit = -1 },
        TestPeer.Defaults with { Timeout = TimeSpan.Zero },
        TestPeer.Defaults with { ProcessorAffinity = [-1] },
        TestPeer.Defaults with { ProcessorAffinity = [1024] },
        TestPeer.Defaults with { WorkingDirectory = "/nowhere" },
        TestPeer.Defaults with { Environment = new Dictionary<string, string?> { ["A=B"] = "" } },
        TestPeer.Defaults with { Channel = new ChannelSizes { WorkCapacity = 5000 } },
    ];

    [ProcessFact]
    public async Task A_missing_processor_is_reported()
    {
        WorkerStartException error = await FailAsync(TestPeer.Defaults with { ProcessorAffinity = [1023] });
        error.Message.ShouldContain("processors 1023");
    }

    private static async Task<WorkerStartException> FailAsync(WorkerStartOptions start, HostFiles? host = null)
    {
        int before = Descriptors();
        WorkerStartException error = await Should.ThrowAsync<WorkerStartException>(() => TestPeer.StartAsync(ChannelKind.Linux, start, host ?? s_host));
        Descriptors().ShouldBeLessThanOrEqualTo(before + 3, "the lifeline and the watch's event are made once");
        return error;

        static int Descriptors() => Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget ?? "")
            .Count(t => t.StartsWith("/memfd:", StringComparison.Ordinal) || t.StartsWith("pipe:", StringComparison.Ordinal) || t.StartsWith("anon_inode:", StringComparison.Ordinal));
    }
}
