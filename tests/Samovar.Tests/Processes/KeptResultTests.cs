using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Serialization;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Processes;

/// <summary>Results that stay on the worker process that made them, and what happens to them when it dies.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class KeptResultTests
{
    private static ProcessExecutorOptions Two => PoolUnderTest.Options(workers: 2) with { Name = "keeper" };

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chain_passes_the_object_itself_on_one_worker(bool inProcess)
    {
        await using var pool = new ProcessExecutor(Two with { InProcess = inProcess });
        await pool.StartWorkersAsync();
        using var made = await pool.SubmitKept(static () => new Untransferable { Value = 1 });
        using var next = await made.ThenKept(static first =>
        {
            first.Value++;
            return (First: first, Process: Environment.ProcessId);
        });
        using var late = await made.ThenKept(static async first =>
        {
            await Task.Yield();
            first.Value++;
            return first;
        });
        next.Worker.ShouldBe(made.Worker);
        (await next.Then(static pair => pair.First.Value)).ShouldBe(3);
        (await late.Then(static async first =>
        {
            await Task.Yield();
            return first.Value;
        })).ShouldBe(3);
        (await next.Then(static pair => pair.Process)).ShouldBe(made.Worker.ProcessId);
        await made.Then(static first => { first.Value = 9; });
        await made.Then(static async first =>
        {
            await Task.Yield();
            first.Value++;
        });
        (await made.Then(static first => first.Value)).ShouldBe(10);
    }

    [ProcessFact]
    public async Task Fetching_brings_a_copy()
    {
        await using var pool = new ProcessExecutor(Two);
        using var kept = await pool.SubmitKept(static () => new int[100_000]);
        await kept.Then(static all => { all[^1] = 5; });
        (await kept.Fetch())[^1].ShouldBe(5);
        using var number = await pool.SubmitKept(static async () =>
        {
            await Task.Yield();
            return 3;
        });
        (await number.Fetch()).ShouldBe(3);
        using var nothing = await pool.SubmitKept(static () => (string?)null);
        (await nothing.Fetch()).ShouldBeNull();
    }

    [ProcessFact]
    public async Task A_task_waits_for_the_worker_that_has_its_input_while_others_run()
    {
        await using var pool = new ProcessExecutor(Two);
        await pool.StartWorkersAsync();
        using var begun = new ProcessGate();
        using var release = new ProcessGate();
        using var kept = await pool.SubmitKept(static () => Environment.ProcessId);
        var busy = kept.Then(_ =>
        {
            begun.Open();
            release.Pass();
        });
        await begun.PassAsync();
        var waiting = Enumerable.Range(0, 40).Select(_ => kept.Then(static process => process == Environment.ProcessId)).ToArray();
        var canceled = kept.Then(static _ => 0);
        for (int task = 0; task < 20; task++) (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(kept.Worker.ProcessId);
        waiting.ShouldAllBe(static task => !task.IsCompleted);
        canceled.Cancel().ShouldBeTrue();
        canceled.State.ShouldBe(FutureState.Canceled);
        release.Open();
        (await Futures.WhenAll(waiting)).ShouldAllBe(static isThere => isThere);
        await busy;
    }

    [ProcessFact]
    public async Task The_result_is_freed_when_the_handle_is_disposed_and_its_tasks_have_completed()
    {
        await using var pool = new ProcessExecutor(Two with { Workers = 1 });
        using var begun = new ProcessGate();
        using var release = new ProcessGate();
        var kept = await pool.SubmitKept(static () => Watched.Make());
        var slow = kept.Then(watched =>
        {
            begun.Open();
            release.Pass();
            return watched.Name;
        });
        await begun.PassAsync();
        var queued = kept.Then(static watched => watched.Name);
        kept.Dispose();
        kept.Dispose();
        Should.Throw<ObjectDisposedException>(() => { _ = kept.Then(static watched => watched.Name); });
        release.Open();
        (await slow, await queued).ShouldBe(("watched", "watched"));
        await TestTimeout.UntilAsync(() => pool.Submit(static () => Watched.IsGone()).Result);
    }

    [ProcessFact]
    public async Task The_result_of_a_dropped_handle_is_freed()
    {
        await using var pool = new ProcessExecutor(Two with { Workers = 1 });
        await DropAsync(pool);
        await TestTimeout.UntilAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return pool.Submit(static () => Watched.IsGone()).Result;
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task DropAsync(ProcessExecutor pool) => await (await pool.SubmitKept(static () => Watched.Make())).Then(static watched => watched.Name);
    }

    [ProcessFact]
    public async Task The_death_of_the_worker_fails_running_and_queued_tasks_and_the_pool_continues()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = new ProcessExecutor(Two))
        {
            using var begun = new ProcessGate();
            using var kept = await pool.SubmitKept(static () => new int[1000], new() { Name = "grounds" });
            var running = kept.Then(_ =>
            {
                begun.Open();
                Thread.CurrentThread.Join();
            });
            await begun.PassAsync();
            var queued = Enumerable.Range(0, 100).Select(_ => kept.Then(static all => all.Length)).ToArray();
            var chained = kept.ThenKept(static all => all.Length);
            var dependent = chained.Then(static _ => 1);
            System.Diagnostics.Process.GetProcessById(kept.Worker.ProcessId).Kill();
            (await Should.ThrowAsync<WorkerCrashedException>(async () => await running)).ProcessId.ShouldBe(kept.Worker.ProcessId);
            foreach (var task in queued)
            {
                var lost = await Should.ThrowAsync<KeptResultLostException>(async () => await task);
                lost.Message.ShouldContain($"worker '{kept.Worker.Name}' (process {kept.Worker.ProcessId})");
                lost.Worker.ShouldBe(kept.Worker);
            }

            await Should.ThrowAsync<KeptResultLostException>(async () => await chained);
            (await Should.ThrowAsync<InputFailedException>(async () => await dependent)).InnerException.ShouldBeOfType<KeptResultLostException>();
            await Should.ThrowAsync<KeptResultLostException>(async () => await kept.Then(static all => all.Length)); // and later ones
            await Should.ThrowAsync<KeptResultLostException>(async () => await kept.Fetch(new() { Retry = new() { MaxAttempts = 3 } }));
            using var again = await pool.SubmitKept(static () => 7);
            (await again.Fetch()).ShouldBe(7);
            await pool.DrainAsync().WaitAsync(TestTimeout.Wait);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_retry_after_the_death_of_the_worker_fails_with_the_loss()
    {
        await using var pool = new ProcessExecutor(Two);
        using var kept = await pool.SubmitKept(static () => 1);
        var failing = kept.Then(static _ => Environment.FailFast("over"), new() { Retry = new() { MaxAttempts = 2 } });
        await Should.ThrowAsync<KeptResultLostException>(async () => await failing);
    }

    [ProcessTheory]
    [InlineData(ShutdownMode.Drain)]
    [InlineData(ShutdownMode.CancelQueued)]
    [InlineData(ShutdownMode.Kill)]
    public async Task A_shutdown_completes_or_cancels_the_tasks_that_wait_for_a_worker(ShutdownMode mode)
    {
        using var begun = new ProcessGate();
        using var release = new ProcessGate();
        var before = await Leftovers.BeforeAsync();
        var pool = new ProcessExecutor(Two);
        using var kept = await pool.SubmitKept(static () => 4);
        var running = kept.Then(value =>
        {
            begun.Open();
            release.Pass();
            return value;
        });
        await begun.PassAsync();
        var queued = Enumerable.Range(0, 20).Select(_ => kept.Then(static value => value)).ToArray();
        var stopped = pool.ShutdownAsync(mode);
        release.Open();
        await stopped.WaitAsync(TestTimeout.Wait);
        await running.EndedAsync();
        foreach (var task in queued)
        {
            await task.EndedAsync();
            task.State.ShouldBe(mode == ShutdownMode.Drain ? FutureState.Succeeded : FutureState.Canceled);
        }

        Should.Throw<ObjectDisposedException>(() => { _ = kept.Fetch(); });
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_task_that_runs_past_its_timeout_keeps_nothing()
    {
        await using var pool = new ProcessExecutor(Two with { Workers = 1, CancellationGrace = Timeout.InfiniteTimeSpan });
        var late = pool.SubmitKept(
            () =>
            {
                TaskContext.Current!.CancellationToken.WaitHandle.WaitOne();
                return Watched.Make();
            },
            new() { Timeout = TimeSpan.FromMilliseconds(50) });
        await Should.ThrowAsync<TaskTimeoutException>(async () => await late);
        await TestTimeout.UntilAsync(() => pool.Submit(static () => Watched.IsGone()).Result);
    }

    [ProcessFact]
    public async Task What_cannot_be_kept_is_refused()
    {
        await using var recycling = new ProcessExecutor(Two with { MaxTasksPerWorker = 5 });
        Should.Throw<NotSupportedException>(() => { _ = recycling.SubmitKept(static () => 1); }).Message.ShouldContain("MaxTasksPerWorker recycles them");
        await using var pool = new ProcessExecutor(Two);
        using var kept = await pool.SubmitKept(static () => 1);
        Should.Throw<UnshippableException>(() => { _ = pool.Submit(() => kept.Worker.Id); }).Message.ShouldContain("kept.Then");
        var thread = Thread.CurrentThread;
        Should.Throw<UnshippableException>(() => { _ = kept.Then(value => thread.ManagedThreadId + value); });
        (await kept.Fetch()).ShouldBe(1); // the refused task has not freed it
        await Should.ThrowAsync<UnshippableException>(async () => await (await pool.SubmitKept(static () => new Untransferable())).Fetch());
    }

    [ProcessFact]
    public async Task A_worker_that_keeps_a_result_is_not_stopped_for_being_idle()
    {
        var time = new ManualTimeProvider();
        await using var pool = new ProcessExecutor(Two with { Workers = 1, TimeProvider = time, IdleTimeout = TimeSpan.FromSeconds(5) });
        var kept = await pool.SubmitKept(static () => 6);
        time.Advance(TimeSpan.FromSeconds(20));
        (await kept.Fetch()).ShouldBe(6);
        kept.Dispose();
        await time.WhenArmedAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        await TestTimeout.UntilAsync(() => pool.GetStatistics().LiveWorkers == 0);
    }

    /// <summary>Cannot be serialized.</summary>
    private sealed class Untransferable
    {
        public Thread Thread { get; } = Thread.CurrentThread;

        public int Value { get; set; }
    }

    private sealed class Watched
    {
        private static WeakReference? s_last;

        public string Name { get; } = "watched";

        public static Watched Make()
        {
            var made = new Watched();
            s_last = new WeakReference(made);
            return made;
        }

        public static bool IsGone()
        {
            GC.Collect();
            return s_last is { IsAlive: false };
        }
    }
}
