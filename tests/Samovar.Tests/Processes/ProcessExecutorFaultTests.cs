using System.Diagnostics;
using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>Deaths, stops and ends of an executor's workers.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExecutorFaultTests
{
    [ProcessFact]
    public async Task A_worker_that_exits_fails_its_own_task_with_what_is_known()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        var bad = pool.Submit(
            static () =>
            {
                Console.Error.WriteLine("out of leaves");
                Environment.Exit(3);
            },
            new() { Name = "bad" });
        var next = pool.Submit(static () => 5);

        var crash = await Should.ThrowAsync<WorkerCrashedException>(bad.AsTask());
        (crash.ExitCode, crash.Signal, crash.TaskId, crash.TaskName, crash.Attempt).ShouldBe((3, null, bad.Id, "bad", 1));
        crash.ProcessId.ShouldBe(bad.Worker!.ProcessId);
        crash.ErrorOutput.ShouldContain("out of leaves");
        crash.Message.ShouldContain("exit code 3");
        (await next).ShouldBe(5);
    }

    [ProcessFact]
    public async Task What_a_dead_worker_had_not_begun_runs_elsewhere_exactly_once()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        for (int i = 0; i < 2000; i++) await pool.Submit(static () => 1); // tiny tasks, so that more are sent ahead
        using var file = new TemporaryFile();
        string path = file.Path;

        var tasks = new List<Future>();
        for (int i = 0; i < 50; i++)
        {
            int number = i;
            tasks.Add(pool.Submit(() =>
            {
                SharedLines.Add(path, $"{number}");
                if (number == 5) Environment.FailFast(null);
            }));
        }

        await Task.WhenAll(tasks.Select(static t => t.EndedAsync()));

        tasks.Where(static t => t.State != FutureState.Succeeded).ShouldHaveSingleItem().Exception.ShouldBeOfType<WorkerCrashedException>();
        File.ReadAllLines(path).ShouldBe(Enumerable.Range(0, 50).Select(static i => $"{i}"), ignoreOrder: true);
    }

    [ProcessFact]
    public async Task A_task_that_killed_its_worker_is_tried_again_where_its_policy_says_so()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        var future = pool.Submit(
            static () =>
            {
                if (TaskContext.Current!.Attempt < 3) Environment.Exit(1);
                return TaskContext.Current.Attempt;
            },
            new() { Retry = new() { MaxAttempts = 3, Delay = TimeSpan.Zero } });

        (await future).ShouldBe(3);
    }

    [ProcessFact]
    public async Task A_loop_that_heeds_nothing_is_killed_when_its_time_is_over()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        var loop = pool.Submit(static () => Spin(), new() { Timeout = TimeSpan.FromMilliseconds(100) });

        (await Should.ThrowAsync<TaskTimeoutException>(loop.AsTask())).Attempt.ShouldBe(1);
        (await pool.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task Cancelling_running_work_trips_its_token_and_its_worker_lives_on()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { CancellationGrace = TimeSpan.FromSeconds(30) });

        var heeds = pool.Submit(static (CancellationToken token) => token.WaitHandle.WaitOne());
        await heeds.UntilRunningAsync();
        int worker = heeds.Worker!.ProcessId;
        heeds.Cancel().ShouldBeTrue();
        await heeds.EndedAsync();
        (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(worker);
    }

    [ProcessFact]
    public async Task Cancelled_work_that_ignores_its_token_is_killed_after_the_grace()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        int worker = await pool.Submit(static () => Environment.ProcessId);

        var ignores = pool.Submit(static () => Spin());
        await ignores.UntilRunningAsync();
        ignores.Cancel().ShouldBeTrue();
        await ignores.EndedAsync();
        ignores.State.ShouldBe(FutureState.Canceled);
        (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(worker);
    }

    [ProcessFact]
    public async Task Cancelling_what_was_sent_ahead_never_starts_it()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        for (int i = 0; i < 2000; i++) await pool.Submit(static () => 1);
        using var file = new TemporaryFile();
        string path = file.Path;

        var first = pool.Submit(static (CancellationToken token) => token.WaitHandle.WaitOne());
        var ahead = new List<Future>();
        for (int i = 0; i < 20; i++) ahead.Add(pool.Submit(() => File.AppendAllText(path, "x")));
        await first.UntilRunningAsync();
        foreach (var future in ahead) future.Cancel().ShouldBeTrue();
        ahead.ShouldAllBe(static f => f.State == FutureState.Canceled);
        first.Cancel();
        await pool.DrainAsync(TestContext.Current.CancellationToken);

        File.ReadAllText(path).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_stopped_worker_delays_no_task_that_it_has_not_started()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        int id = await pool.Submit(static () => Environment.ProcessId);
        using (var stop = Process.Start("kill", ["-STOP", $"{id}"])) await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        await TestTimeout.UntilAsync(() => HasStopped(id)); // a busy machine stops it late, and until then it may start the next task

        (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(id);
    }

    private static bool HasStopped(int process) =>
        Directory.GetDirectories($"/proc/{process}/task").All(static thread => File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1][0] == 'T');

    [ProcessFact]
    public async Task Work_behind_a_long_task_moves_to_a_worker_that_has_gone_idle()
    {
        await using var pool = PoolUnderTest.Build(workers: 2);
        await Task.WhenAll(Enumerable.Range(0, 5000).Select(_ => pool.Submit(static () => 1).AsTask()));

        var holdUps = Enumerable.Range(0, 1).Select(_ => pool.Submit(static (CancellationToken token) => token.WaitHandle.WaitOne())).ToArray();
        var rest = Enumerable.Range(0, 100).Select(_ => pool.Submit(static () => 1)).ToArray();
        foreach (var future in rest) (await future).ShouldBe(1);

        foreach (var future in holdUps) future.Cancel();
    }

    [ProcessFact]
    public async Task An_initializer_prepares_each_worker_and_one_that_fails_breaks_the_executor()
    {
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options() with { Initializer = static () => Prepared.Leaves = "assam" }))
            (await pool.Submit(static () => Prepared.Leaves)).ShouldBe("assam");

        await using var broken = new ProcessExecutor(PoolUnderTest.Options() with { Initializer = static () => throw new IOException("no leaves") });
        var error = await Should.ThrowAsync<WorkerInitializationException>(broken.Submit(static () => 1).AsTask());
        error.InnerException.ShouldBeOfType<IOException>().Message.ShouldBe("no leaves");
        Should.Throw<WorkerInitializationException>(() => broken.Submit(static () => 1));
    }

    [ProcessFact]
    public async Task A_worker_exits_after_its_number_of_tasks_and_no_task_is_stranded()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options() with { MaxTasksPerWorker = 10 });

        int[] ids = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => pool.Submit(static () => Environment.ProcessId).AsTask()));

        ids.GroupBy(static id => id).ShouldAllBe(static tasks => tasks.Count() <= 10);
    }

    [ProcessFact]
    public async Task The_number_of_workers_changes_while_they_work()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await pool.Submit(static () => 1);

        pool.Workers = 3;
        var held = Enumerable.Range(0, 3).Select(_ => pool.Submit(static (CancellationToken token) => token.WaitHandle.WaitOne())).ToArray();
        foreach (var future in held) await future.UntilRunningAsync();
        pool.Workers = 1;
        foreach (var future in held) future.Cancel();
        await pool.DrainAsync(TestContext.Current.CancellationToken);

        (await pool.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData(ShutdownMode.Drain)]
    [InlineData(ShutdownMode.CancelQueued)]
    [InlineData(ShutdownMode.Kill)]
    public async Task Shutting_down_leaves_no_process_behind(ShutdownMode mode)
    {
        var pool = PoolUnderTest.Build();
        int[] ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pool.Submit(static () => Environment.ProcessId).AsTask()));
        var traces = ids.Distinct().Select(static id => new ProcessTrace(id)).ToArray();
        var loop = mode == ShutdownMode.Kill ? pool.Submit(static () => Spin()) : null;
        var queued = Enumerable.Range(0, 100).Select(_ => pool.Submit(static () => 1)).ToArray();

        await pool.ShutdownAsync(mode, TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);

        foreach (var trace in traces)
        {
            using (trace) trace.EndsWithin(TimeSpan.Zero).ShouldBeTrue();
            ProcessTrace.FilesOf(trace.Id).ShouldBeEmpty();
        }

        queued.ShouldAllBe(static f => f.IsCompleted);
        if (mode == ShutdownMode.Drain) queued.ShouldAllBe(static f => f.State == FutureState.Succeeded);
        if (loop is not null) loop.State.ShouldBe(FutureState.Canceled);
        Should.Throw<ObjectDisposedException>(() => pool.Submit(static () => 1));
    }

    [ProcessFact]
    public async Task The_output_of_workers_is_delivered_line_by_line()
    {
        var lines = new Reported<WorkerOutputLine>();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { OutputReceived = lines.Report }))
            await pool.Submit(static () => Console.WriteLine("first\nsecond"));

        lines.Values.Select(static l => l.Text).ShouldBe(["first", "second"]);
    }

    private static void Spin()
    {
        BusyWork.NeverEnds();
    }

    private static class Prepared
    {
        public static string? Leaves { get; set; }
    }
}
