using System.Collections.Concurrent;
using System.Runtime.Versioning;

namespace Samovar.Tests.Tasks;

/// <summary>Resources in cases that the contract of executors does not have: many tasks, bounded queues, deadlocks, executors that assign none.</summary>
[SupportedOSPlatform("linux")]
public sealed class ResourceTests
{
    private static readonly TaskOptions s_one = new() { Requires = { ["gpu"] = 1 } };

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_resource_is_ever_oversubscribed(int seed)
    {
        await using var executor = new ThreadExecutor(new() { Workers = 6, Resources = { ["gpu"] = 3, ["memory"] = 1000, ["licence"] = 2.5 } });
        var random = new Random(seed);
        int[] units = new int[3]; // ten-thousandths in use of each GPU
        int memory = 0, licences = 0, most = 0;
        var overdrawn = new ConcurrentQueue<string>();
        var futures = new List<Future>();
        for (int i = 0; i < 3000; i++)
        {
            var amounts = new ResourceAmounts();
            int gpu = random.Next(4) switch { 0 => 2500, 1 => 10_000, 2 => 20_000, _ => 0 };
            int bytes = random.Next(2) == 0 ? 0 : random.Next(1, 1001);
            int licence = random.Next(3) == 0 ? random.Next(1, 25_001) : 0;
            if (gpu > 0) amounts["gpu"] = gpu / 10_000.0;
            if (bytes > 0) amounts["memory"] = bytes;
            if (licence > 0) amounts["licence"] = licence / 10_000.0;
            futures.Add(executor.Submit(
                () =>
                {
                    var resources = TaskContext.Current!.Resources;
                    int[] own = gpu > 0 ? [.. resources["gpu"].Indexes] : [];
                    foreach (int unit in own) Check(Interlocked.Add(ref units[unit], gpu / own.Length), 10_000, $"GPU {unit}");
                    Check(Interlocked.Add(ref memory, bytes), 1000, "memory");
                    Check(Interlocked.Add(ref licences, licence), 25_000, "licences");
                    foreach (int unit in own) Interlocked.Add(ref units[unit], -gpu / own.Length);
                    Interlocked.Add(ref memory, -bytes);
                    Interlocked.Add(ref licences, -licence);
                },
                new() { Requires = amounts, Priority = (TaskPriority)random.Next(-1, 2) }));
            if (random.Next(10) == 0) futures[random.Next(futures.Count)].Cancel();
        }

        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        futures.ShouldAllBe(static future => future.State == FutureState.Succeeded || future.State == FutureState.Canceled);
        overdrawn.ShouldBeEmpty();
        most.ShouldBeGreaterThan(0);
        executor.GetStatistics().Resources.ShouldAllBe(static one => one.InUse == 0 && one.Waiting == 0);

        void Check(int used, int total, string what)
        {
            Interlocked.Exchange(ref most, Math.Max(most, used));
            if (used > total) overdrawn.Enqueue($"{used} of {total} {what}");
        }
    }

    [ThreadFact]
    public async Task Fractions_share_a_unit_so_that_others_stay_whole()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 4, Resources = { ["gpu"] = 2 } });
        var release = new Gate();
        var quarter = new TaskOptions { Requires = { ["gpu"] = 0.25 } };
        var quarters = Enumerable.Range(0, 3).Select(_ => executor.Submit(UnitOf, quarter)).ToList();
        var whole = executor.Submit(UnitOf, s_one);
        executor.GetStatistics().Resources.ShouldBe([new ResourceStatistics("gpu", 2, 1.75, 0)]);
        release.Open();
        foreach (var future in quarters) (await future).ShouldBe(0);
        (await whole).ShouldBe(1);

        int UnitOf()
        {
            release.Pass();
            return TaskContext.Current!.Resources["gpu"].Indexes.Single();
        }
    }

    [ThreadFact]
    public async Task A_hundred_thousand_tasks_that_wait_run_one_after_the_other()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 3, Resources = { ["gpu"] = 1 } });
        int running = 0, most = 0;
        var futures = Enumerable.Range(0, 100_000).Select(_ => (Future)executor.Submit(
            () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Interlocked.Decrement(ref running);
            },
            s_one)).ToList();
        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        most.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_hundred_thousand_tasks_that_wait_are_cancelled_with_the_executor()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, Resources = { ["gpu"] = 2 } });
        Gate release = new(), started = new();
        var holder = executor.Submit(
            () =>
            {
                started.Open();
                release.Pass();
            },
            s_one);
        await started.PassAsync();
        var large = executor.Submit(static () => { }, new() { Requires = { ["gpu"] = 2 } }); // those behind it fit once it is cancelled
        var waiting = Enumerable.Range(0, 100_000).Select(_ => executor.Submit(static () => { }, s_one)).ToList();
        var end = executor.ShutdownAsync(ShutdownMode.CancelQueued);
        release.Open();
        await end;
        await holder;
        waiting.Append(large).ShouldAllBe(static future => future.State == FutureState.Canceled);
    }

    [ThreadFact]
    public async Task Tasks_that_wait_fail_with_a_broken_executor()
    {
        var release = new Gate();
        await using var executor = new ThreadExecutor(new()
        {
            Workers = 1,
            Resources = { ["gpu"] = 1 },
            Initializer = () =>
            {
                release.Pass();
                throw new InvalidOperationException("no driver");
            },
        });
        var waiting = Enumerable.Range(0, 50_000).Select(_ => (Future)executor.Submit(static () => { }, s_one)).ToList();
        release.Open();
        (await Futures.WaitAsync(waiting, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        waiting.ShouldAllBe(static future => future.Exception is WorkerInitializationException);
    }

    [ThreadTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_is_cancelled_while_it_waits_returns_its_place_in_a_bounded_queue(bool areThreads)
    {
        var resources = new ResourceAmounts { ["gpu"] = 1 };
        await using Executor executor = areThreads
            ? new ThreadExecutor(new() { Workers = 2, QueueCapacity = 2, QueueFullMode = QueueFullMode.Reject, Resources = resources })
            : new ProcessExecutor(new() { Workers = 2, QueueCapacity = 2, QueueFullMode = QueueFullMode.Reject, Resources = resources, InProcess = true });
        using var release = new ProcessGate();
        using var started = new ProcessGate();
        var holder = executor.Submit(Holding(started, release), s_one);
        await started.PassAsync();
        var waiting = executor.Submit(static () => { }, s_one);
        var other = executor.Submit(static () => { }, s_one);
        Should.Throw<QueueFullException>(() => executor.Submit(static () => { }, s_one));
        waiting.Cancel().ShouldBeTrue();
        var third = executor.Submit(static () => { }, s_one);
        Should.Throw<QueueFullException>(() => executor.Submit(static () => { }));
        release.Open();
        (await Futures.WaitAsync([holder, other, third], timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        await executor.Submit(static () => { });
    }

    [ThreadFact]
    public async Task An_inline_submission_waits_for_the_resources_of_another_thread()
    {
        await using var executor = new InlineExecutor(new() { Resources = { ["gpu"] = 1 } });
        Gate release = new(), started = new();
        var holding = TestSupport.OnOwnThread(() => executor.Submit(
            () =>
            {
                started.Open();
                release.Pass();
            },
            s_one));
        await started.PassAsync();
        var waiting = TestSupport.OnOwnThread(() => executor.Submit(static () => 7, s_one).Result.ShouldBe(7));
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Resources[0].Waiting == 1);
        executor.GetStatistics().Running.ShouldBe(1);
        using var source = new CancellationTokenSource();
        var cancelled = TestSupport.OnOwnThread(() => executor.Submit(static () => { }, s_one with { CancellationToken = source.Token }).State.ShouldBe(FutureState.Canceled));
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Resources[0].Waiting == 2);
        await source.CancelAsync();
        await cancelled;
        release.Open();
        await holding;
        await waiting;
        executor.GetStatistics().Resources[0].ShouldBe(new ResourceStatistics("gpu", 1, 0, 0));
    }

    [ThreadFact]
    public async Task An_inline_task_that_submits_one_for_what_it_has_is_refused()
    {
        await using var executor = new InlineExecutor(new() { Name = "inline", Resources = { ["gpu"] = 1 } });
        var outer = executor.Submit(() => Should.Throw<InvalidOperationException>(() => executor.Submit(static () => { }, s_one)).Message, s_one);
        (await outer).ShouldBe(
            "Task 1 of 'inline' has 1 of the resource 'gpu' and would wait for a task that requires 1 of 1, which would deadlock. Await that task outside, or require less.");
    }

    [ThreadFact]
    public async Task A_task_that_blocks_for_one_that_needs_what_it_has_is_refused()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2, Resources = { ["gpu"] = 2 } });
        var outer = executor.Submit(
            () =>
            {
                var inner = executor.Submit(static () => 7, new() { Requires = { ["gpu"] = 2 } });
                string refusal = Should.Throw<InvalidOperationException>(() => inner.Wait()).Message;
                return (inner, refusal);
            },
            s_one);
        var (inner, refusal) = await outer;
        refusal.ShouldContain("which would deadlock");
        (await inner).ShouldBe(7);
    }

    [ProcessFact]
    public async Task A_crash_returns_the_resources()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1, Resources = { ["gpu"] = 1 } });
        await Should.ThrowAsync<WorkerCrashedException>(async () => await executor.Submit(static () => Environment.FailFast("out of memory"), s_one));
        executor.GetStatistics().Resources[0].InUse.ShouldBe(0);
        (await executor.Submit(static () => 7, s_one)).ShouldBe(7);
    }

    [ThreadFact]
    public async Task Calls_of_actors_may_require_none()
    {
        await using var executor = new ThreadExecutor(new() { Name = "pool", Resources = { ["gpu"] = 1 } });
        await using var actor = await executor.CreateActorAsync(static () => new List<int>(), new() { Name = "model" });
        var error = Should.Throw<ArgumentException>(() => actor.CallAsync(static list => list.Count, s_one));
        error.Message.ShouldStartWith("A call of actor 'model' requires resources (gpu 1). Actors have none; let a task of 'pool' require them.");
    }

    [ThreadFact]
    public async Task The_error_names_what_the_executor_has()
    {
        await using var executor = new ThreadExecutor(new() { Name = "lab", Resources = { ["gpu"] = 2, ["memory"] = 64L << 30 } });
        Should.Throw<InsufficientResourcesException>(() => executor.Submit(static () => { }, new() { Requires = { ["gpu"] = 3 } })).Message.ShouldBe(
            "The task requires 3 of the resource 'gpu', and 'lab' has 2, so the task could never start. The executor's resources: gpu 2, memory 68719476736. " +
            "Require less, or add the resource to ExecutorOptions.Resources.");
        Should.Throw<InsufficientResourcesException>(() => executor.Submit(static () => { }, new() { Requires = { ["tpu"] = 1 } })).Message.ShouldContain("'tpu', and 'lab' has none");
    }

    private static Action Holding(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
    };
}
