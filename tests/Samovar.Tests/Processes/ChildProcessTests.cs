using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes;

/// <summary>What a child is to the one that started it: its end, its result, its exit code.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    // What another test has left is that test's failure.
    private readonly List<int> _before = LinuxProcessTree.Descendants(Environment.ProcessId);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        ChildProcess.Active.ShouldBeEmpty();
        LinuxProcessTree.Descendants(Environment.ProcessId).Except(_before).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_function_runs_in_a_process_of_its_own_and_returns_its_result()
    {
        int captured = 20;
        var child = ChildProcess.Start(() => (Environment.ProcessId, captured + 1));
        (int id, int result) = await child.JoinAsync(Token);
        id.ShouldBe(child.Id);
        id.ShouldNotBe(Environment.ProcessId);
        result.ShouldBe(21);
        child.ExitCode.ShouldBe(0);
        child.IsAlive.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Every_shape_of_work_runs()
    {
        var output = new ChildOutput();
        await ChildProcess.Start(() => Console.WriteLine("action"), output.Options).JoinAsync(Token);
        await ChildProcess.Start(token => Console.WriteLine(token.CanBeCanceled), output.Options).JoinAsync(Token);
        await ChildProcess.Start(async () => await Console.Out.WriteLineAsync("task"), output.Options).JoinAsync(Token);
        await ChildProcess.Start(async token => await Console.Out.WriteLineAsync("both".AsMemory(), token), output.Options).JoinAsync(Token);
        output.Rest().ShouldBe(["action", "True", "task", "both"]);
        (await ChildProcess.Start(token => token.CanBeCanceled).JoinAsync(Token)).ShouldBeTrue();
        (await ChildProcess.Start(async () => { await Task.Yield(); return 2; }).JoinAsync(Token)).ShouldBe(2);
        (await ChildProcess.Start(async token => { await Task.Yield(); return token.CanBeCanceled; }).JoinAsync(Token)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task An_unhandled_exception_arrives_as_an_object_and_the_exit_code_is_1()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(() => throw new KeyNotFoundException("no key 7"), output.Options with { Name = "lookup" });
        (await Should.ThrowAsync<KeyNotFoundException>(() => child.JoinAsync(Token))).Message.ShouldBe("no key 7");
        child.ExitCode.ShouldBe(1);
        output.Rest()[0].ShouldBe("Unhandled exception in child process 'lookup': System.Collections.Generic.KeyNotFoundException: no key 7");
    }

    [ProcessFact]
    public async Task A_child_that_crashes_before_its_function_has_returned_is_an_error_for_its_joiner()
    {
        var child = ChildProcess.Start(
            static () => LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill), new() { Name = "doomed", Output = WorkerOutput.Discard });
        var error = await Should.ThrowAsync<WorkerCrashedException>(() => child.JoinAsync(Token));
        error.Message.ShouldStartWith($"Child 'doomed' (process {child.Id}) exited with signal 9 (SIGKILL) before its function returned.");
        await child.DisposeAsync(); // it waits, and throws nothing
    }

    [ProcessFact]
    public async Task Exit_codes_are_as_the_system_gives_them()
    {
        var leaving = ChildProcess.Start(() => Environment.Exit(7));
        await leaving.JoinAsync(Token);
        leaving.ExitCode.ShouldBe(7);

        var output = new ChildOutput();
        var killed = ChildProcess.Start(RunForEver, output.Options);
        (await output.LineAsync()).ShouldBe("begun");
        killed.ExitCode.ShouldBeNull();
        killed.Kill();
        await killed.JoinAsync(Token);
        killed.ExitCode.ShouldBe(-9);

        var terminated = ChildProcess.Start(RunForEver, output.Options);
        (await output.LineAsync()).ShouldBe("begun");
        terminated.Terminate();
        await terminated.JoinAsync(Token);
        terminated.ExitCode.ShouldBe(-15);

        var atOnce = ChildProcess.Start(RunForEver, output.Options);
        atOnce.Terminate();
        await atOnce.JoinAsync(Token);
        atOnce.ExitCode.ShouldBe(-15);
    }

    [ProcessFact]
    public async Task An_interrupt_leaves_a_child_alone()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(() =>
        {
            Console.WriteLine("begun");
            using var later = new ManualResetEventSlim();
            LinuxProcessCalls.kill(Environment.ProcessId, 2);
            later.Wait(100); // the interrupt is taken on another thread
            return 3;
        }, output.Options);
        (await child.JoinAsync(Token)).ShouldBe(3);
        child.ExitCode.ShouldBe(0);
    }

    [ProcessFact]
    public async Task A_function_with_a_token_returns_in_its_own_way_when_it_is_cancelled()
    {
        var output = new ChildOutput();
        var polite = ChildProcess.Start(token =>
        {
            Console.WriteLine("begun");
            token.WaitHandle.WaitOne();
            return "saved";
        }, output.Options);
        await output.LineAsync();
        polite.Terminate();
        (await polite.JoinAsync(Token)).ShouldBe("saved");
        polite.ExitCode.ShouldBe(0);

        var giving = ChildProcess.Start(token =>
        {
            Console.WriteLine("begun");
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        }, output.Options);
        await output.LineAsync();
        giving.Terminate();
        await giving.JoinAsync(Token);
        giving.ExitCode.ShouldBe(-15);
    }

    [ProcessFact]
    public async Task A_child_that_exits_without_its_result_reports_how()
    {
        var child = ChildProcess.Start(() => { Environment.Exit(3); return 1; }, new() { Name = "quitter" });
        var error = await Should.ThrowAsync<WorkerCrashedException>(() => child.JoinAsync(Token));
        error.ExitCode.ShouldBe(3);
        error.ProcessId.ShouldBe(child.Id);
        error.Message.ShouldStartWith($"Child 'quitter' (process {child.Id}) exited with exit code 3 before");
    }

    [ProcessFact]
    public async Task Active_lists_the_running_and_forgets_the_ended()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(RunForEver, output.Options);
        ChildProcess.Active.ShouldBe([child]);
        child.IsAlive.ShouldBeTrue();
        child.Kill();
        await child.Exited.WaitAsync(Token);
        ChildProcess.Active.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task The_end_is_awaited_before_while_and_after_it_happens()
    {
        var output = new ChildOutput();
        var child = ChildProcess.Start(RunForEver, output.Options);
        var before = child.Exited;
        var join = child.JoinAsync(Token);
        before.IsCompleted.ShouldBeFalse();
        var error = await Should.ThrowAsync<TimeoutException>(() => child.JoinAsync(s_moment, Token));
        error.Message.ShouldContain($"(process {child.Id}) has not exited");
        child.Kill();
        await before.WaitAsync(Token);
        await join;
        await child.JoinAsync(TimeSpan.Zero, Token);
        child.Kill();
        child.Terminate();
    }

    [ProcessFact]
    public async Task Disposing_waits_for_the_end_and_throws_nothing()
    {
        ChildProcess seen;
        await using (var child = ChildProcess.Start(() => throw new InvalidOperationException("seen by JoinAsync alone"), new() { Output = WorkerOutput.Discard }))
        {
            seen = child;
        }

        seen.ExitCode.ShouldBe(1);
    }

    [ProcessFact]
    public async Task Many_at_once_are_joined_or_ended_and_leave_nothing()
    {
        var joined = Enumerable.Range(0, 8).Select(n => ChildProcess.Start(() => n * n)).ToArray();
        (await Task.WhenAll(joined.Select(child => child.JoinAsync(Token)))).ShouldBe([0, 1, 4, 9, 16, 25, 36, 49]);

        var output = new ChildOutput();
        var ended = Enumerable.Range(0, 8).Select(_ => ChildProcess.Start(RunForEver, output.Options)).ToArray();
        foreach (var child in ended) child.Terminate();
        await Task.WhenAll(ended.Select(child => child.JoinAsync(Token)));
        ended.ShouldAllBe(child => child.ExitCode == -15);
        foreach (var child in joined.Concat<ChildProcess>(ended)) ProcessTrace.FilesOf(child.Id).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_result_of_many_MiB_and_much_output_do_not_block_the_end()
    {
        int lines = 0;
        var options = new ChildProcessOptions { OutputReceived = _ => Interlocked.Increment(ref lines) };
        var child = ChildProcess.Start(() =>
        {
            for (int i = 0; i < 20_000; i++) Console.WriteLine("a line that is too long for the pipe unless it is read");
            return new byte[32 * 1024 * 1024];
        }, options);
        await child.Exited.WaitAsync(Token);
        (await child.JoinAsync(Token)).Length.ShouldBe(32 * 1024 * 1024);
        lines.ShouldBe(20_000);
    }

    [ProcessFact]
    public void What_cannot_travel_is_refused_at_the_start()
    {
        using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.Read, FileShare.None, 1, FileOptions.DeleteOnClose);
        Should.Throw<Samovar.Serialization.UnshippableException>(() => ChildProcess.Start(() => file.Length));
        Should.Throw<ArgumentNullException>(() => ChildProcess.Start((Action)null!));
    }

    private static void RunForEver()
    {
        Console.WriteLine("begun");
        Thread.CurrentThread.Join();
    }
}
