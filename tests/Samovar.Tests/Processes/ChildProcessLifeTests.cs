using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes;

/// <summary>What a child's life is like from inside, and for those around it.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ChildProcessLifeTests : IDisposable
{
    // What another test has left is that test's failure.
    private readonly List<int> _before = LinuxProcessTree.Descendants(Environment.ProcessId);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        ChildProcess.Active.ShouldBeEmpty();
        LinuxProcessTree.Descendants(Environment.ProcessId).Except(_before).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_tree_of_children_exits_level_by_level()
    {
        var output = new ChildOutput();
        await ChildProcess.Start(() => Branch(2), output.Options).JoinAsync(Token);
        output.Rest().Select(line => line[^1]).ShouldBe(['0', '0', '1', '0', '0', '1', '2'], ignoreOrder: true);
        output.Rest().ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_child_knows_its_parent_and_its_own_options()
    {
        ChildProcess.ParentId.ShouldBeNull();
        var options = new ChildProcessOptions
        {
            Environment = new Dictionary<string, string?> { ["SAMOVAR_TEST_CHILD"] = "blue" },
            WorkingDirectory = "/",
            Niceness = 3,
        };
        var child = ChildProcess.Start(
            () => (ChildProcess.ParentId, Environment.GetEnvironmentVariable("SAMOVAR_TEST_CHILD"), Environment.CurrentDirectory, ProcessWorker.IsWorker), options);
        (await child.JoinAsync(Token)).ShouldBe((Environment.ProcessId, "blue", "/", true));
    }

    [ProcessFact]
    public async Task Children_do_not_inherit_each_others_handles()
    {
        var output = new ChildOutput();
        var first = ChildProcess.Start(TellHandlesAndWait, output.Options);
        string alone = await output.LineAsync();
        var second = ChildProcess.Start(TellHandlesAndWait, output.Options);
        (await output.LineAsync()).ShouldBe(alone);
        first.Kill();
        second.Kill();
        await Task.WhenAll(first.Exited, second.Exited).WaitAsync(Token);
    }

    [ProcessFact]
    public async Task A_child_waits_for_its_own_foreground_threads()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(() =>
        {
            var main = Thread.CurrentThread;
            new Thread(() =>
            {
                using var later = new ManualResetEventSlim();
                later.Wait(200); // the function returns first; no event signals that to this thread
                Console.WriteLine("thread");
            }).Start();
            Console.WriteLine("function");
        }, output.Options);
        await child.JoinAsync(Token);
        output.Rest().ShouldBe(["function", "thread"]);
    }

    [ProcessFact]
    public async Task A_child_that_exits_normally_runs_its_exit_hooks()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.WriteLine("hook"), output.Options);
        await child.JoinAsync(Token);
        output.Rest().ShouldBe(["hook"]);
    }

    [ProcessTheory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Broken_streams_do_not_change_the_outcome(bool fails, int exitCode)
    {
        var child = ChildProcess.Start(() =>
        {
            _ = LinuxProcessCalls.close(1);
            _ = LinuxProcessCalls.close(2);
            return fails ? throw new FormatException("still reported") : 5;
        });
        if (fails) (await Should.ThrowAsync<FormatException>(() => child.JoinAsync(Token))).Message.ShouldBe("still reported");
        else (await child.JoinAsync(Token)).ShouldBe(5);
        child.ExitCode.ShouldBe(exitCode);
    }

    [ProcessFact]
    public async Task The_function_and_its_captures_are_released_after_the_start()
    {
        var (child, captured) = StartWithPayload();
        (await child.JoinAsync(Token)).ShouldBe(1_000_000);
        await new[] { captured }.ShouldDieAsync("what the function captured");
        GC.KeepAlive(child);
    }

    [ProcessFact]
    public async Task Executors_work_inside_a_child()
    {
        var child = ChildProcess.Start(async () =>
        {
            await using var threads = new ThreadExecutor(new() { Workers = 1 });
            await using var processes = new ProcessExecutor(new() { Workers = 1 });
            return await threads.Submit(() => 20) + await processes.Submit(() => 22);
        });
        (await child.JoinAsync(Token)).ShouldBe(42);
    }

    [ProcessFact]
    public async Task Nesting_stops_at_ten_with_a_text_that_says_so()
    {
        var error = await Should.ThrowAsync<WorkerStartException>(() => ChildProcess.Start(() => Nest(1), new() { Output = WorkerOutput.Discard }).JoinAsync(Token));
        error.Message.ShouldContain("is a worker 10 deep, and workers start workers at most 10 deep");
    }

    [ProcessFact]
    public async Task A_type_that_starts_a_child_when_it_is_initialized_is_refused_in_the_first()
    {
        var child = ChildProcess.Start(() => StartsItself.Depth, new() { Output = WorkerOutput.Discard });
        (await child.JoinAsync(Token)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_program_waits_for_its_children_but_not_for_background_ones()
    {
        string output = await ProgramRun.OutputOfAsync("dotnet", ProgramRun.ChildProgram, "children", "false");
        output.ShouldContain("main has returned");
        output.ShouldContain("child has exited");

        output = await ProgramRun.OutputOfAsync("dotnet", ProgramRun.ChildProgram, "children", "true");
        output.ShouldContain("main has returned");
        output.ShouldNotContain("child has exited");
    }

    [ProcessFact]
    public async Task A_receiver_of_reports_that_never_returns_does_not_keep_its_program_alive()
    {
        using var program = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "stuck-receiver"]);
        var (code, output, errors) = await program.EndAsync().WaitAsync(TestTimeout.Wait, Token);
        (code, output, errors).ShouldBe((0, "main has returned\n", ""));
    }

    [ProcessFact]
    public async Task A_handler_of_the_functions_own_decides_about_the_signal()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(() =>
        {
            using var asked = new ManualResetEventSlim();
            using var handler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                asked.Set();
            });
            Console.WriteLine("begun");
            asked.Wait();
            return "cleaned up";
        }, output.Options);
        await output.LineAsync();
        child.Terminate();
        (await child.JoinAsync(Token)).ShouldBe("cleaned up");
    }

    private static void Branch(int level)
    {
        if (level > 0)
        {
            var children = Enumerable.Range(0, 2).Select(_ => ChildProcess.Start(() => Branch(level - 1))).ToArray();
            foreach (var child in children) child.JoinAsync().GetAwaiter().GetResult();
        }

        Console.WriteLine(level.ToString(CultureInfo.InvariantCulture));
    }

    private static void Nest(int depth) =>
        ChildProcess.Start(() => Nest(depth + 1), new() { Output = WorkerOutput.Discard }).JoinAsync().GetAwaiter().GetResult();

    private static void TellHandlesAndWait()
    {
        // Sockets, pipes and memory of the channel: what it opens itself is the same in each.
        Console.WriteLine(Directory.GetFiles("/proc/self/fd").Length);
        Thread.CurrentThread.Join();
    }

    private static class StartsItself
    {
        public static readonly int Depth = Start();

        private static int Start()
        {
            try
            {
                return ChildProcess.Start(() => Depth, new() { Output = WorkerOutput.Discard }).JoinAsync().GetAwaiter().GetResult();
            }
            catch (WorkerStartException)
            {
                return CurrentWorker.Depth; // of the one that was refused
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (ChildProcess<int> Child, WeakReference Captured) StartWithPayload()
    {
        byte[] payload = new byte[1_000_000];
        return (ChildProcess.Start(() => payload.Length), new WeakReference(payload));
    }
}
