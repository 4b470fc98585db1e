using System.Runtime.Versioning;
using System.Text;
using Samovar.Ipc;
using Samovar.Processes.Launch;
using Samovar.Processes.Parent;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Receivers of output that block or throw: lines are late, and nothing else is.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class OutputFaultTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(7);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessTheory]
    [InlineData(WorkerOutput.Forward)]
    [InlineData(WorkerOutput.Capture)]
    public async Task A_receiver_that_blocks_delays_no_crash_no_end_and_no_other_pool(WorkerOutput output)
    {
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        var lines = new Reported<string>();
        var options = PoolUnderTest.Options(workers: 1) with
        {
            Output = output,
            OutputReceived = line =>
            {
                entered.Release();
                release.Wait(TestTimeout.Wait);
                lines.Report(line.Text);
            },
        };
        await using (var pool = new ProcessExecutor(options))
        await using (var other = PoolUnderTest.Build(workers: 1))
        {
            await pool.Submit(static () => Console.WriteLine("one"));
            await entered.WaitAsync(Token);

            await Should.ThrowAsync<WorkerCrashedException>(pool.Submit(Die).AsTask());
            await Should.ThrowAsync<WorkerCrashedException>(other.Submit(Die).AsTask());
            await ChildProcess.Start(static () => { }, new() { Output = WorkerOutput.Discard }).JoinAsync(Token);
            await pool.Submit(static () => Console.WriteLine("two"));
            lines.Values.ShouldBeEmpty();
            release.Set();
        }

        lines.Values.ShouldBe(["one", "two"]);

        static void Die() => LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill);
    }

    [ProcessFact]
    public async Task A_task_that_writes_more_than_is_taken_blocks_and_its_time_limit_holds()
    {
        var time = new ManualTimeProvider();
        using var release = new ManualResetEventSlim();
        using var written = new SharedValue<long>(0);
        long taken = 0;
        var options = PoolUnderTest.Options(workers: 1) with
        {
            TimeProvider = time,
            OutputReceived = line =>
            {
                release.Wait(TestTimeout.Wait);
                taken += line.Text.Length;
            },
        };
        await using (var pool = new ProcessExecutor(options))
        {
            var flood = pool.Submit(Flooding(written), new() { Timeout = s_limit });
            await time.WhenArmedAsync(s_limit);
            await TestTimeout.UntilAsync(() => written.Value >= InLines(OutputBacklog.Most));
            time.Advance(s_limit);
            time.Advance(options.CancellationGrace);
            await Should.ThrowAsync<TaskTimeoutException>(flood.AsTask());
            release.Set();
        }

        taken.ShouldBeInRange(InLines(OutputBacklog.Most), 2 * OutputBacklog.Most);

        // Of what may wait, the share of lines of 1,024 characters without what each counts for besides.
        static long InLines(long waiting) => waiting / (1024 + OutputBacklog.LineCost) * 1024;

        static Action Flooding(SharedValue<long> written) => () =>
        {
            string line = new('x', 1024);
            for (int i = 0; i < 64 * OutputBacklog.Most / 1024; i++)
            {
                Console.WriteLine(line);
                written.Add(line.Length);
            }
        };
    }

    [ProcessFact]
    public async Task What_a_receiver_throws_is_reported_and_the_next_line_comes()
    {
        var lines = new Reported<string>();
        var failures = new Reported<UnobservedFailure>();
        var options = PoolUnderTest.Options(workers: 1) with
        {
            Name = "sieve",
            OutputReceived = line =>
            {
                if (line.Text == "leaf") throw new FormatException("a leaf");
                lines.Report(line.Text);
            },
        };
        await using (var pool = new ProcessExecutor(options))
        {
            pool.UnobservedFailure += failures.Report;
            await pool.Submit(static () => Console.WriteLine("leaf\ntea"));
        }

        lines.Values.ShouldBe(["tea"]);
        var failure = failures.Values.ShouldHaveSingleItem();
        (failure.Executor, failure.Source, failure.Exception.Message).ShouldBe(("sieve", FailureSource.OutputHandler, "a leaf"));
    }

    [ProcessFact]
    public async Task What_the_receiver_of_a_child_throws_ends_neither_child_nor_program()
    {
        var child = ChildProcess.Start(static () => Console.WriteLine("leaf"), new() { OutputReceived = static _ => throw new FormatException("a leaf") });
        await child.JoinAsync(Token);
        child.ExitCode.ShouldBe(0);
    }

    [ProcessFact]
    public async Task A_stdout_without_a_reader_delays_no_crash()
    {
        // In a process of its own: stdout is one for all tests.
        string[] seen = await ChildProcess.Start(WithAStuckStdout, new() { Output = WorkerOutput.Discard }).JoinAsync(Token);
        seen.ShouldBe([nameof(WorkerCrashedException), "[tap #1] drip"]);
    }

    private static string[] WithAStuckStdout()
    {
        using var stdout = new StuckWriter();
        Console.SetOut(stdout);
        var pool = new ProcessExecutor(new() { Workers = 1, Name = "tap" });
        pool.Submit(static () => Console.WriteLine("drip")).Wait();
        stdout.Entered.Wait();
        var doomed = pool.Submit(static () => LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill));
        doomed.Wait();
        stdout.Release.Set();
        pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return [doomed.Exception!.GetType().Name, stdout.Written!];
    }

    private sealed class StuckWriter : TextWriter
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public string? Written { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            Entered.Set();
            Release.Wait();
            Written = value;
        }
    }

    [ProcessFact]
    public async Task Lines_beyond_what_may_wait_are_counted_in_their_place()
    {
        using var release = new ManualResetEventSlim();
        var lines = new Reported<string>();
        var options = new ProcessExecutorOptions
        {
            OutputReceived = line =>
            {
                release.Wait(TestTimeout.Wait);
                lines.Report(line.Text);
            },
        };
        var worker = new WorkerOutputReader(options, number: 1, "worker", captures: true, LineDelivery.For(options, "sieve"), static error => throw error);
        byte[] line = Encoding.UTF8.GetBytes(new string('x', 1024) + "\n");
        const int fitting = (4 * OutputBacklog.Most / (1024 + OutputBacklog.LineCost)) + 1; // the last goes beyond
        for (int i = 0; i < fitting + 3; i++) worker.Receive(OutputSource.Output, line);
        worker.Backlog.IsFull.ShouldBeTrue();
        release.Set();
        await worker.Delivery.HandedOnAsync();
        worker.Backlog.IsFull.ShouldBeFalse();
        worker.Receive(OutputSource.Output, "after\n"u8);
        await worker.Delivery.HandedOnAsync();

        lines.Values.Length.ShouldBe(fitting + 2);
        lines.Values[^2].ShouldBe("[3 lines before this were dropped: they were written faster than they were received]");
        lines.Values[^1].ShouldBe("after");
    }

    [ProcessFact]
    public async Task Empty_lines_are_counted_by_the_memory_that_they_take()
    {
        using var release = new ManualResetEventSlim();
        int taken = 0;
        var options = new ProcessExecutorOptions
        {
            OutputReceived = line =>
            {
                release.Wait(TestTimeout.Wait);
                if (line.Text.Length == 0) taken++;
            },
        };
        var worker = new WorkerOutputReader(options, number: 1, "worker", captures: false, LineDelivery.For(options, "sieve"), static error => throw error);
        byte[] lines = new byte[OutputBacklog.Most / OutputBacklog.LineCost];
        Array.Fill(lines, (byte)'\n');
        worker.Backlog.IsFull.ShouldBeFalse();
        for (int i = 0; i < 5; i++)
        {
            worker.Receive(OutputSource.Output, lines);
            worker.Backlog.IsFull.ShouldBeTrue();
        }

        release.Set();
        await worker.Delivery.HandedOnAsync();
        worker.Backlog.IsFull.ShouldBeFalse();
        taken.ShouldBe(4 * lines.Length);
    }
}
