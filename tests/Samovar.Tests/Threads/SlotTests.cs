using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Threads;

/// <summary>Slots are lent, returned, taken and left behind, and there are always as many as there are workers.</summary>
public sealed class SlotTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public async Task A_task_whose_wait_was_broken_gets_its_slot_when_the_task_it_waited_for_waits_for_it()
    {
        await using var executor = Build(workers: 1);
        using var waitOver = new CancellationTokenSource();
        Gate known = new(), innerRuns = new(), turn = new();
        Future<int>? inner = null, outer = null;
        outer = executor.Submit(() =>
        {
            known.Pass();
            inner = executor.Submit(() =>
            {
                innerRuns.Open();
                turn.Pass();
                return outer!.GetResult(s_limit);
            });
            Should.Throw<OperationCanceledException>(() => inner.Wait(cancellationToken: waitOver.Token));
            return 7;
        });
        known.Open();
        await innerRuns.PassAsync();
        await waitOver.CancelAsync();
        await ReturningAsync(executor, 1);
        turn.Open();
        (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(7);
        (await inner!.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(7);
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadFact]
    public async Task A_task_whose_wait_was_broken_gets_its_slot_when_the_task_it_waited_for_is_left_behind()
    {
        await using var executor = Build(workers: 1);
        using var waitOver = new CancellationTokenSource();
        Gate innerRuns = new(), stuck = new();
        var outer = executor.Submit(() =>
        {
            var inner = executor.Submit(
                () =>
                {
                    innerRuns.Open();
                    stuck.Pass();
                },
                new() { Timeout = s_limit });
            Should.Throw<OperationCanceledException>(() => inner.Wait(cancellationToken: waitOver.Token));
            return 7;
        });
        await innerRuns.PassAsync();
        await waitOver.CancelAsync();
        await ReturningAsync(executor, 1);
        _time.Advance(s_limit);
        (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(7);
        await executor.ShouldHaveAllItsSlotsAsync();
        stuck.Open();
    }

    [ThreadTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_awaits_one_that_is_left_behind_continues(bool onItsThread)
    {
        await using var executor = Build(workers: 1);
        Gate innerRuns = new(), stuck = new();
        var outer = executor.Submit(async () =>
        {
            var inner = executor.Submit(
                () =>
                {
                    innerRuns.Open();
                    stuck.Pass();
                },
                new() { Timeout = s_limit });
            await Should.ThrowAsync<TaskTimeoutException>(async () => await inner.ConfigureAwait(onItsThread));
            return 7;
        });
        await innerRuns.PassAsync();
        _time.Advance(s_limit);
        (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(7);
        await executor.ShouldHaveAllItsSlotsAsync();
        stuck.Open();
    }

    [ThreadFact]
    public async Task A_task_with_a_timeout_is_abandoned_in_time_although_its_waiter_could_have_run_it()
    {
        await using var executor = Build(workers: 1);
        Gate innerRuns = new(), stuck = new();
        var outer = executor.Submit(() =>
        {
            var inner = executor.Submit(
                () =>
                {
                    innerRuns.Open();
                    stuck.Pass();
                },
                new() { Timeout = s_limit });
            inner.Wait();
            return inner.State;
        });
        await innerRuns.PassAsync();
        _time.Advance(s_limit);
        (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(FutureState.Failed);
        await executor.ShouldHaveAllItsSlotsAsync();
        stuck.Open();
    }

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_worker_left_behind_while_its_slot_was_lent_leaves_all_slots(int workers)
    {
        await using var executor = Build(workers);
        Gate innerRuns = new(), release = new();
        var outer = executor.Submit(
            () => executor.Submit(() =>
            {
                innerRuns.Open();
                release.Pass();
            }).Wait(s_day),
            new() { Timeout = s_limit });
        await innerRuns.PassAsync();
        _time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(outer.AsTask().WaitAsync(TestTimeout.Wait));
        release.Open();
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadFact]
    public async Task A_worker_left_behind_while_it_waits_for_its_slot_leaves_all_slots()
    {
        await using var executor = Build(workers: 1);
        Gate innerRuns = new(), release = new();
        using var waitOver = new CancellationTokenSource();
        var outer = executor.Submit(
            () => executor.Submit(() =>
            {
                innerRuns.Open();
                release.Pass();
            }).Wait(cancellationToken: waitOver.Token),
            new() { Timeout = s_limit });
        await innerRuns.PassAsync();
        await waitOver.CancelAsync();
        await ReturningAsync(executor, 1);
        _time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(outer.AsTask().WaitAsync(TestTimeout.Wait));
        ((ThreadScheduler)executor.Core).WorkersReturning.ShouldBe(0);
        release.Open();
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slot_taken_from_a_task_that_blocks_unseen_is_not_lost(bool isLeftBehind)
    {
        await using var executor = Build(workers: 1);
        Gate innerRuns = new(), release = new();
        var outer = executor.Submit(
            () => BlockUnseen(executor.Submit(() =>
            {
                innerRuns.Open();
                release.Pass();
            }).AsTask()),
            new() { Timeout = s_limit });
        await PassStallChecksUntilAsync(() => innerRuns.IsOpen);
        if (isLeftBehind)
        {
            _time.Advance(s_limit);
            await Should.ThrowAsync<TaskTimeoutException>(outer.AsTask().WaitAsync(TestTimeout.Wait));
        }

        release.Open();
        await outer.EndAsync();
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadFact]
    public async Task Asynchronous_work_that_blocks_in_a_wait_the_executor_cannot_see_makes_progress()
    {
        await using var executor = Build(workers: 1);
        var outer = executor.Submit(async () =>
        {
            var inner = executor.Submit(static () => 20).AsTask();
            BlockUnseen(inner);
            await Task.Yield();
            return await inner + 22;
        });
        await PassStallChecksUntilAsync(() => outer.IsCompleted);
        outer.Result.ShouldBe(42);
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadTheory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(2, 2)]
    public async Task Resizing_while_slots_are_lent_and_workers_left_behind_leaves_as_many_as_there_should_be(int from, int to)
    {
        await using var executor = Build(from);
        Gate[] runs = [new(), new(), new()];
        Gate release = new();
        var outer = Enumerable.Range(0, 3).Select(i => executor.Submit(
            () => executor.Submit(() =>
            {
                runs[i].Open();
                release.Pass();
            }).Wait(s_day),
            i == 0 ? new() { Timeout = s_limit } : null)).ToList();
        await runs[0].PassAsync();
        executor.Workers = to;
        _time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(outer[0].AsTask().WaitAsync(TestTimeout.Wait));
        executor.Workers = from;
        executor.Workers = to;
        release.Open();
        (await Futures.WaitAsync(outer, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        await executor.ShouldHaveAllItsSlotsAsync();
    }

    [ThreadFact]
    public async Task An_initializer_that_fails_takes_no_slot_with_it()
    {
        int initialized = 0;
        var executor = new ThreadExecutor(new()
        {
            Workers = 1,
            TimeProvider = _time,
            Initializer = () =>
            {
                if (Interlocked.Increment(ref initialized) == 2) throw new FormatException("only one licence");
            },
        });
        var outer = executor.Submit(() =>
        {
            var inner = executor.Submit(static () => 1);
            inner.Wait(s_day); // lends its slot to a second thread, which does not come to life
            return inner.Exception;
        });
        (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBeOfType<WorkerInitializationException>();
        await TestTimeout.UntilAsync(() => ((ThreadScheduler)executor.Core).SlotsTaken == 0);
        await executor.DisposeAsync().AsTask().WaitAsync(TestTimeout.Wait);
    }

    private ThreadExecutor Build(int workers) =>
        new(new() { Workers = workers, TimeProvider = _time, CancellationGrace = TimeSpan.Zero });

    private static Task ReturningAsync(ThreadExecutor executor, int workers) =>
        TestTimeout.UntilAsync(() => ((ThreadScheduler)executor.Core).WorkersReturning == workers);

    private static void BlockUnseen(Task task) => ((IAsyncResult)task).AsyncWaitHandle.WaitOne();

    private Task PassStallChecksUntilAsync(Func<bool> condition) => TestTimeout.UntilAsync(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(50));
        return condition();
    });
}
