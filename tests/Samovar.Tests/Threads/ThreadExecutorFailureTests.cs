using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Threads;

/// <summary>Initializers that fail, threads that are left behind, shutdowns that meet them.</summary>
public sealed class ThreadExecutorFailureTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [ThreadFact]
    public async Task The_initializer_runs_on_every_thread_before_its_first_task()
    {
        var initialized = new ThreadLocal<bool>();
        int runs = 0;
        await using var executor = new ThreadExecutor(new()
        {
            Workers = 2,
            Initializer = () =>
            {
                initialized.Value = true;
                Interlocked.Increment(ref runs);
            },
        });
        Gate release = new();
        var tasks = Enumerable.Range(0, 2).Select(_ => executor.Submit(() =>
        {
            release.Pass();
            return initialized.Value;
        })).ToList();
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Running == 2);
        release.Open();
        foreach (var task in tasks) (await task).ShouldBeTrue();
        runs.ShouldBe(2);
    }

    [ThreadFact]
    public async Task An_initializer_that_throws_fails_what_waits_and_what_is_submitted_later_with_its_own_error()
    {
        var go = new Gate();
        var boom = new FormatException("no licence");
        var executor = new ThreadExecutor(new()
        {
            Workers = 1,
            Name = "licensed",
            Initializer = () =>
            {
                go.Pass();
                throw boom;
            },
        });
        var queued = Enumerable.Range(0, 5).Select(i => executor.Submit(() => i)).ToList();
        go.Open();
        foreach (var future in queued)
        {
            var error = await Should.ThrowAsync<WorkerInitializationException>(async () => await future);
            error.InnerException.ShouldBeSameAs(boom);
            (error.Executor, error.Worker).ShouldBe(("licensed", "licensed #1"));
            error.Message.ShouldContain("no licence");
        }

        Should.Throw<WorkerInitializationException>(() => executor.Submit(static () => 1)).InnerException.ShouldBeSameAs(boom);
        await executor.DisposeAsync();
        executor.GetStatistics().LiveWorkers.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Killing_does_not_wait_for_an_initializer_that_hangs()
    {
        Gate inside = new(), release = new();
        var executor = new ThreadExecutor(new()
        {
            Workers = 1,
            Initializer = () =>
            {
                inside.Open();
                release.Pass();
            },
        });
        var future = executor.Submit(static () => 1);
        await inside.PassAsync();
        await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        future.State.ShouldBe(FutureState.Canceled);
        release.Open();
    }

    [ThreadFact]
    public async Task A_thread_left_behind_is_replaced_and_ends_with_its_work()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, CancellationGrace = TimeSpan.Zero });
        var release = new Gate();
        Thread? stuck = null;
        var future = executor.Submit(
            () =>
            {
                stuck = Thread.CurrentThread;
                release.Pass();
            },
            new() { Timeout = s_limit });
        await time.WhenArmedAsync(s_limit);
        await TestTimeout.UntilAsync(() => Volatile.Read(ref stuck) is not null);
        time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await future);
        (await executor.Submit(static () => Thread.CurrentThread)).ShouldNotBeSameAs(stuck);
        stuck!.IsAlive.ShouldBeTrue();
        release.Open();
        stuck.Join(TestTimeout.Wait).ShouldBeTrue();
        executor.GetStatistics().LiveWorkers.ShouldBe(1);
        executor.Submit(static () => 1).Result.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_thread_left_behind_in_a_wait_for_its_own_executor_takes_no_slot_with_it()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, CancellationGrace = TimeSpan.Zero });
        Gate started = new(), release = new();
        var outer = executor.Submit(
            () => executor.Submit(() =>
            {
                started.Open();
                release.Pass();
            }).Wait(TimeSpan.FromDays(1)),
            new() { Timeout = s_limit });
        await started.PassAsync();
        time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await outer);
        var third = executor.Submit(static () => "third");
        executor.GetStatistics().LiveWorkers.ShouldBe(2, "the one left behind and the only one that may run");
        third.State.ShouldBe(FutureState.Queued);
        release.Open();
        (await third).ShouldBe("third");
    }

    [ThreadFact]
    public async Task A_thread_left_behind_while_it_waits_for_its_slot_does_not_get_it()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, CancellationGrace = TimeSpan.Zero });
        Gate occupied = new(), release = new();
        Future<int>? inner = null;
        var outer = executor.Submit(
            () =>
            {
                inner = executor.Submit(static () => 1);
                _ = executor.Submit(() =>
                {
                    occupied.Open();
                    release.Pass();
                });
                return inner.GetResult(TimeSpan.FromDays(1));
            },
            new() { Timeout = s_limit });
        await occupied.PassAsync(); // the inner task has completed, and the outer one waits for the slot that it lent
        await TestTimeout.UntilAsync(() => ((ThreadScheduler)executor.Core).WorkersReturning == 1);
        time.Advance(s_limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await outer);
        release.Open();
        (await executor.Submit(static () => "continues")).ShouldBe("continues");
    }

    [ThreadFact]
    public async Task Killing_reaches_a_task_that_is_just_starting()
    {
        var time = new ManualTimeProvider();
        var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, Name = "just starting" });
        await executor.Submit(static () => { });
        await TestTimeout.UntilAsync(() => executor.GetStatistics().IdleWorkers == 1); // what it asks the time for next is the start
        Gate starting = new(), go = new(), never = new();
        time.TimestampAsked = () =>
        {
            if (Thread.CurrentThread.Name != "just starting #1" || starting.IsOpen) return;
            starting.Open();
            go.Pass();
        };
        var future = executor.Submit(token => never.Pass(token));
        await starting.PassAsync();
        var shutdown = executor.ShutdownAsync(ShutdownMode.Kill, s_limit);
        go.Open();
        await shutdown.WaitAsync(TestTimeout.Wait);
        future.State.ShouldBe(FutureState.Canceled);
    }
}
