namespace Samovar.Tests.Threads;

/// <summary>What is special about threads: their names, numbers and lives.</summary>
public sealed class ThreadExecutorTests
{
    [ThreadTheory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Fewer_than_one_worker_is_refused(int workers)
    {
        var error = Should.Throw<ArgumentOutOfRangeException>(() => new ThreadExecutorOptions { Workers = workers });
        (error.ParamName, error.ActualValue).ShouldBe(("Workers", workers));
        using var executor = new Owned(new() { Workers = 1 });
        Should.Throw<ArgumentOutOfRangeException>(() => executor.It.Workers = workers);
    }

    [ThreadFact]
    public void Bad_options_are_refused_with_their_name()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new ThreadExecutorOptions { QueueCapacity = 0 }).ParamName.ShouldBe("QueueCapacity");
        Should.Throw<ArgumentOutOfRangeException>(static () => new ThreadExecutorOptions { MaxStackSize = -1 }).ParamName.ShouldBe("MaxStackSize");
        Should.Throw<ArgumentOutOfRangeException>(static () => new ThreadExecutorOptions { IdleTimeout = TimeSpan.Zero }).ParamName.ShouldBe("IdleTimeout");
        Should.Throw<ArgumentNullException>(static () => new ThreadExecutorOptions { TimeProvider = null! }).ParamName.ShouldBe("TimeProvider");
        Should.Throw<ArgumentNullException>(static () => new ThreadExecutor(null!)).ParamName.ShouldBe("options");
        Should.Throw<ArgumentNullException>(static () => new InlineExecutor(null!)).ParamName.ShouldBe("options");
    }

    [ThreadFact]
    public void There_is_one_worker_for_each_processor_unless_said_otherwise()
    {
        using var executor = new Owned(new());
        executor.It.Workers.ShouldBe(Environment.ProcessorCount);
        executor.It.GetStatistics().LiveWorkers.ShouldBe(0, "no thread is started before there is work");
    }

    [ThreadFact]
    public async Task Threads_are_named_after_the_executor_in_the_background_and_not_of_the_pool()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, Name = "samovar" });
        var future = executor.Submit(static () => (Thread.CurrentThread.Name, Thread.CurrentThread.IsBackground,
            Thread.CurrentThread.IsThreadPoolThread, Environment.CurrentManagedThreadId));
        var (name, isBackground, isPool, id) = await future;
        (name, isBackground, isPool).ShouldBe(("samovar #1", true, false));
        future.Worker.ShouldBe(new WorkerIdentity(1, "samovar #1") { ManagedThreadId = id });
        future.Worker!.ToString().ShouldBe("samovar #1");
    }

    [ThreadFact]
    public async Task Threads_have_the_requested_priority_and_stack()
    {
        await using var executor = new ThreadExecutor(new()
        {
            Workers = 1,
            ThreadPriority = ThreadPriority.BelowNormal,
            MaxStackSize = 64 << 20,
        });
        (await executor.Submit(static () => Thread.CurrentThread.Priority)).ShouldBe(ThreadPriority.BelowNormal);
        (await executor.Submit(static () => UseStack(24 << 20))).ShouldBe(24 << 20, "the default of 8 MiB would not hold it");

        static unsafe int UseStack(int bytes)
        {
            byte* block = stackalloc byte[bytes];
            for (int i = 0; i < bytes; i += 4096) block[i] = 1;
            return bytes;
        }
    }

    [ThreadFact]
    public async Task One_submit_after_the_other_reuses_the_idle_thread()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 4 });
        var ids = new HashSet<int>();
        for (int i = 0; i < 200; i++)
        {
            ids.Add(await executor.Submit(static () => Environment.CurrentManagedThreadId));
            await TestTimeout.UntilAsync(() => executor.GetStatistics() is not { LiveWorkers: > 0, IdleWorkers: 0 });
        }

        ids.Count.ShouldBe(1);
        executor.GetStatistics().LiveWorkers.ShouldBe(1);
    }

    [ThreadFact]
    public async Task Idle_threads_end_after_their_time_and_come_back_with_work()
    {
        var time = new ManualTimeProvider();
        var idle = TimeSpan.FromSeconds(77);
        await using var executor = new ThreadExecutor(new() { Workers = 3, TimeProvider = time, IdleTimeout = idle });
        var release = new Gate();
        var futures = Enumerable.Range(0, 3).Select(_ => executor.Submit(() => release.Pass())).ToList();
        executor.GetStatistics().LiveWorkers.ShouldBeGreaterThan(0);
        release.Open();
        await Futures.WaitAsync(futures);
        await TestTimeout.UntilAsync(() => executor.GetStatistics() is var now && now.IdleWorkers == now.LiveWorkers);
        time.Advance(idle - TimeSpan.FromTicks(1));
        executor.GetStatistics().LiveWorkers.ShouldBeGreaterThan(0);
        time.Advance(TimeSpan.FromTicks(1));
        await TestTimeout.UntilAsync(() => executor.GetStatistics().LiveWorkers == 0);
        (await executor.Submit(static () => "back")).ShouldBe("back");
    }

    [ThreadFact]
    public async Task Without_an_idle_time_threads_stay()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, IdleTimeout = Timeout.InfiniteTimeSpan });
        await executor.Submit(static () => { });
        await TestTimeout.UntilAsync(() => executor.GetStatistics().IdleWorkers == 1);
        time.ArmedTimers.ShouldBe(0);
    }

    [ThreadFact]
    public async Task More_workers_take_effect_at_once_and_fewer_as_tasks_end()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate[] gates = [new(), new(), new(), new()];
        Gate[] started = [new(), new(), new(), new()];
        var futures = Enumerable.Range(0, 4).Select(i => executor.Submit(() =>
        {
            started[i].Open();
            gates[i].Pass();
        })).ToList();
        await started[0].PassAsync();
        executor.Workers = 3;
        executor.Workers.ShouldBe(3);
        await started[1].PassAsync();
        await started[2].PassAsync();
        executor.Workers = 1;
        gates[0].Open();
        gates[1].Open();
        await futures[0];
        await futures[1];
        futures[3].State.ShouldBe(FutureState.Queued);
        executor.GetStatistics().Running.ShouldBe(1);
        gates[2].Open();
        await started[3].PassAsync();
        executor.GetStatistics().Running.ShouldBe(1);
        gates[3].Open();
        await futures[3];
    }

    [ThreadFact]
    public async Task Resizing_again_and_again_under_load_loses_nothing()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        var futures = new List<Future<int>>();
        for (int i = 0; i < 5000; i++)
        {
            int number = i;
            futures.Add(executor.Submit(() => number));
            if (i % 50 == 0) executor.Workers = 1 + (i / 50 % 5);
        }

        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        futures.Select(f => f.Result).ShouldBe(Enumerable.Range(0, 5000));
    }

    [ThreadFact]
    public async Task A_dropped_executor_finishes_its_work_and_its_threads_end()
    {
        var (threads, future) = Drop();
        (await GcAssert.CollectUntilAsync(() => threads.TrueForAll(static t => !t.IsAlive))).ShouldBeTrue();
        (await future).ShouldBe(5);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static (List<Thread> Threads, Future<int> Last) Drop()
        {
            var executor = new ThreadExecutor(new() { Workers = 2 });
            var threads = new List<Thread> { executor.Submit(static () => Thread.CurrentThread).Result };
            return (threads, executor.Submit(static () => 5));
        }
    }

    [ThreadFact]
    public async Task A_million_queued_tasks_cost_no_more_each_than_ten_thousand()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate release = new(), started = new();
        _ = executor.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        BytesEach(executor, 10_000); // what is made once
        double few = BytesEach(executor, 10_000);
        double many = BytesEach(executor, 1_000_000);
        many.ShouldBeLessThanOrEqualTo(few + 1);
        many.ShouldBeLessThanOrEqualTo(121);
        executor.GetStatistics().LiveWorkers.ShouldBe(1);
        executor.GetStatistics().Queued.ShouldBe(1_020_000);
        release.Open();
        await executor.DrainAsync();
        executor.GetStatistics().Succeeded.ShouldBe(1_020_001);

        static double BytesEach(Executor executor, int tasks)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < tasks; i++) executor.Submit(static () => { });
            return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)tasks;
        }
    }

    private sealed class Owned(ThreadExecutorOptions options) : IDisposable
    {
        public ThreadExecutor It { get; } = new(options);

        public void Dispose() => _ = It.ShutdownAsync();
    }
}
