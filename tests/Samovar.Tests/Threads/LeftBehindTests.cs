namespace Samovar.Tests.Threads;

/// <summary>Tasks that are stuck, and the workers that are abandoned with them.</summary>
public sealed class LeftBehindTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9);
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public async Task Killing_does_not_wait_for_asynchronous_work_that_blocks_before_its_first_await()
    {
        var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate started = new(), stuck = new();
        var future = executor.Submit(async () =>
        {
            started.Open();
            stuck.Pass();
            await Task.Yield();
        });
        await started.PassAsync();
        await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);
        future.State.ShouldBe(FutureState.Canceled);
        stuck.Open();
    }

    [ThreadFact]
    public async Task Killing_reaches_a_task_that_its_waiter_has_taken_out_of_the_queue_and_is_just_starting()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, Name = "helping" });
        Gate submitted = new(), starting = new(), go = new(), never = new();
        Future? inner = null;
        _time.TimestampAsked = () =>
        {
            if (Thread.CurrentThread.Name != "helping #1" || !submitted.IsOpen || starting.IsOpen) return;
            starting.Open();
            go.Pass();
        };
        var outer = executor.Submit(() =>
        {
            inner = executor.Submit(token => never.Pass(token));
            submitted.Open();
            inner.Wait();
        });
        await starting.PassAsync();
        var shutdown = executor.ShutdownAsync(ShutdownMode.Kill, s_limit);
        go.Open();
        await shutdown.WaitAsync(TestTimeout.Wait);
        inner!.State.ShouldBe(FutureState.Canceled);
        outer.IsCompleted.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task The_worker_of_the_attempt_that_was_abandoned_is_left_behind_not_that_of_the_next()
    {
        var executor = new ThreadExecutor(new() { Workers = 2, TimeProvider = _time, CancellationGrace = TimeSpan.Zero });
        Gate first = new(), stuck = new(), second = new(), release = new();
        int stuckWorker = 0, secondWorker = 0;
        _time.TimerArmed = due =>
        {
            // The next attempt runs before the clock's thread comes to leave the worker of this one behind.
            if (due != s_delay) return;
            _time.TimerArmed = null;
            _time.Advance(s_delay);
            second.Pass();
        };
        var future = executor.Submit(
            () =>
            {
                if (TaskContext.Current!.Attempt == 1)
                {
                    stuckWorker = TaskContext.Current!.WorkerId;
                    first.Open();
                    stuck.Pass();
                }
                else
                {
                    secondWorker = TaskContext.Current!.WorkerId;
                    second.Open();
                    release.Pass();
                }
            },
            new() { Timeout = s_limit, Retry = new() { MaxAttempts = 2, Delay = s_delay, UseJitter = false } });
        await _time.WhenArmedAsync(s_limit);
        await first.PassAsync();
        await TestSupport.OnOwnThread(() => _time.Advance(s_limit));
        secondWorker.ShouldNotBe(stuckWorker);
        executor.GetStatistics().Abandoned.ShouldBe(1);
        release.Open();
        await future.AsTask().WaitAsync(TestTimeout.Wait);
        await executor.ShouldHaveAllItsSlotsAsync();
        (await executor.Submit(static () => TaskContext.Current!.WorkerId)).ShouldNotBe(stuckWorker);
        await executor.ShutdownAsync().WaitAsync(TestTimeout.Wait); // does not wait for the thread that is stuck
        executor.GetStatistics().LiveWorkers.ShouldBe(1);
        stuck.Open();
    }

    [ThreadFact]
    public async Task An_executor_that_one_of_its_tasks_tried_to_dispose_of_can_still_be_disposed_or_dropped()
    {
        var executor = new ThreadExecutor(new() { Workers = 1 });
        var error = await Should.ThrowAsync<InvalidOperationException>(executor.Submit(() => executor.DisposeAsync().AsTask()).AsTask());
        error.Message.ShouldContain(executor.Name);
        (await executor.Submit(static () => 1)).ShouldBe(1);
        await executor.DisposeAsync().AsTask().WaitAsync(TestTimeout.Wait);
        var thread = Drop();
        (await GcAssert.CollectUntilAsync(() => !thread.IsAlive)).ShouldBeTrue("the finalizer still shuts it down");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static Thread Drop()
        {
            var dropped = new ThreadExecutor(new() { Workers = 1 });
            return dropped.Submit(() =>
            {
                Should.Throw<InvalidOperationException>(() => dropped.DisposeAsync().AsTask());
                return Thread.CurrentThread;
            }).Result;
        }
    }
}
