using Samovar.Tasks.Core;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

public sealed class EventLoopTests
{
    [ThreadFact]
    public void Run_runs_everything_on_the_calling_thread_and_returns_the_result()
    {
        int thread = Environment.CurrentManagedThreadId;
        var seen = new List<int>();
        int result = EventLoop.Run(
            async () =>
            {
                seen.Add(Environment.CurrentManagedThreadId);
                await Task.Yield();
                seen.Add(Environment.CurrentManagedThreadId);
                await Task.Run(static () => { });
                seen.Add(Environment.CurrentManagedThreadId);
                return 42;
            },
            Real);
        result.ShouldBe(42);
        seen.ShouldAllBe(id => id == thread);
    }

    [ThreadFact]
    public Task Nothing_of_the_loop_stays_with_the_calling_thread_also_where_the_flow_is_suppressed() => TestSupport.OnOwnThread(static () =>
    {
        foreach (bool isSuppressed in (bool[])[false, true])
        {
            if (isSuppressed) ExecutionContext.SuppressFlow();
            EventLoop.Run(
                static async () =>
                {
                    CancelScope.Current.ShouldNotBeNull();
                    await Task.Yield();
                },
                Virtual);
            ExecutionContext.IsFlowSuppressed().ShouldBe(isSuppressed);
            CancelScope.Current.ShouldBeNull();
            ExternalWorkTracker.Current.ShouldBeNull();
            EventLoop.Current.ShouldBeNull();
            SynchronizationContext.Current.ShouldBeNull();
        }
    }).WaitAsync(TestTimeout.Wait);

    [ThreadFact]
    public void The_error_of_the_main_work_comes_out_as_itself()
    {
        Should.Throw<FormatException>(static () => EventLoop.Run(static () => throw new FormatException("at once"), Virtual)).Message.ShouldBe("at once");
        Should.Throw<FormatException>(static () => EventLoop.Run(
            static async () =>
            {
                await Task.Yield();
                throw new FormatException("later");
            },
            Virtual)).Message.ShouldBe("later");
        Should.Throw<InvalidOperationException>(static () => EventLoop.Run(static () => null!, Virtual)).Message.ShouldContain("null");
    }

    [ThreadFact]
    public void A_loop_inside_a_loop_of_the_same_thread_is_refused()
    {
        var error = Should.Throw<InvalidOperationException>(static () => EventLoop.Run(
            static () =>
            {
                EventLoop.Run(static () => Task.CompletedTask);
                return Task.CompletedTask;
            },
            Virtual with { Name = "outer" }));
        error.Message.ShouldContain("'outer'");
        error.Message.ShouldContain("RunAsync");
    }

    [ThreadFact]
    public async Task A_loop_inside_a_loop_on_a_thread_of_its_own_works() =>
        (await RunAsync(static async () => await EventLoop.RunAsync(static () => Task.FromResult(7), Virtual), Real)).ShouldBe(7);

    [ThreadFact]
    public async Task Callbacks_run_in_the_order_they_were_posted() => await RunAsync(static async () =>
    {
        var loop = EventLoop.Current!;
        var order = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            if (i % 2 == 0) loop.Post(() => order.Add(number));
            else loop.Post(state => order.Add((int)state!), number);
        }

        order.ShouldBeEmpty();
        await Task.Yield();
        order.ShouldBe([0, 1, 2, 3, 4]);
    });

    [ThreadFact]
    public async Task Calls_come_at_their_time_and_can_be_called_off() => await RunAsync(static async () =>
    {
        var loop = EventLoop.Current!;
        var order = new List<string>();
        loop.CallLater(3 * Second, () => order.Add($"late {Now}"));
        loop.CallAt(loop.Time.GetUtcNow() + (2 * Second), () => order.Add($"at {Now}"));
        loop.CallAt(loop.Time.GetUtcNow() - Second, () => order.Add($"past {Now}"));
        loop.CallSoon(() => order.Add($"soon {Now}"));
        var later = loop.CallLater(Second, () => order.Add("called off"));
        var soon = loop.CallSoon(() => order.Add("called off"));
        later.IsPending.ShouldBeTrue();
        later.Cancel().ShouldBeTrue();
        soon.Cancel().ShouldBeTrue();
        later.Cancel().ShouldBeFalse("once is enough");
        later.IsPending.ShouldBeFalse();
        await SleepAsync(4);
        order.ShouldBe(["soon 0", "past 0", "at 2", "late 3"]);
    });

    [ThreadFact]
    public async Task A_call_that_has_run_cannot_be_called_off() => await RunAsync(static async () =>
    {
        var call = EventLoop.Current!.CallLater(Second, static () => { });
        await SleepAsync(2);
        call.Cancel().ShouldBeFalse();
    });

    [ThreadFact]
    public async Task Posts_from_other_threads_run_in_order_and_do_not_starve_the_loop() => await RunAsync(
        static async () =>
        {
            var loop = EventLoop.Current!;
            var order = new List<int>();
            var done = new TaskCompletionSource();
            int turns = 0;
            var poster = TestSupport.OnOwnThread(() =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    int number = i;
                    loop.Post(() => order.Add(number));
                }

                loop.Post(done.SetResult);
            });
            while (!done.Task.IsCompleted)
            {
                turns++;
                await Task.Yield();
            }

            await poster;
            turns.ShouldBeGreaterThan(0);
            order.ShouldBe(Enumerable.Range(0, 20_000));
        },
        Real);

    [ThreadFact]
    public async Task A_flood_of_posts_of_its_own_does_not_keep_timers_and_other_threads_out() => await RunAsync(
        static async () =>
        {
            var loop = EventLoop.Current!;
            bool isOver = false;
            loop.Post(Again);
            await SleepAsync(0.001);
            await Task.Run(static () => { });
            isOver = true;

            void Again()
            {
                if (!isOver) loop.Post(Again);
            }
        },
        Real);

    [ThreadFact]
    public async Task A_loop_with_a_thread_of_its_own_wakes_for_posts_and_calls_from_others()
    {
        await using var loop = new EventLoop();
        var seen = new TaskCompletionSource<EventLoop?>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => loop.CallSoon(() => seen.SetResult(EventLoop.Current)));
        (await seen.Task.WaitAsync(TestTimeout.Wait)).ShouldBeSameAs(loop);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.CallLater(TimeSpan.FromMilliseconds(1), called.SetResult);
        await called.Task.WaitAsync(TestTimeout.Wait);
        var never = loop.CallLater(TimeSpan.FromDays(1), static () => throw new InvalidOperationException("called off"));
        never.Cancel().ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Tasks_of_a_factory_run_on_the_loop()
    {
        await using var loop = new EventLoop();
        (await Task.Factory.StartNew(static () => EventLoop.Current, CancellationToken.None, TaskCreationOptions.None, loop.Scheduler)
            .WaitAsync(TestTimeout.Wait)).ShouldBeSameAs(loop);
        loop.Scheduler.MaximumConcurrencyLevel.ShouldBe(1);
    }

    [ThreadFact]
    public async Task Sending_to_the_loop_waits_and_throws_the_error()
    {
        await using var loop = new EventLoop();
        EventLoop? seen = null;
        await TestSupport.OnOwnThread(() =>
        {
            loop.SynchronizationContext.Send(_ => seen = EventLoop.Current, null);
            Should.Throw<FormatException>(() => loop.SynchronizationContext.Send(static _ => throw new FormatException("sent"), null)).Message.ShouldBe("sent");
        }).WaitAsync(TestTimeout.Wait);
        seen.ShouldBeSameAs(loop);
    }

    [ThreadFact]
    public async Task An_interrupt_of_a_sleeping_loop_never_takes_its_synchronization_context()
    {
        await using var loop = new EventLoop(Real);
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.UnobservedFailure += failure => reported.TrySetResult(failure);
        await loop.Submit(static () => Thread.CurrentThread.Interrupt());
        (await reported.Task.WaitAsync(TestTimeout.Wait)).Exception.ShouldBeOfType<ThreadInterruptedException>();
        (await loop.Submit(() => ReferenceEquals(SynchronizationContext.Current, loop.SynchronizationContext))).ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Submitted_asynchronous_work_overlaps_on_one_thread()
    {
        await using var loop = new EventLoop(Virtual);
        var futures = Enumerable.Range(0, 100).Select(i => loop.Submit(async () =>
        {
            int thread = Environment.CurrentManagedThreadId;
            await EventLoop.SleepAsync(TimeSpan.FromHours(1));
            return (thread, Environment.CurrentManagedThreadId);
        })).ToList();
        var threads = (await Task.WhenAll(futures.Select(static f => f.AsTask())).WaitAsync(TestTimeout.Wait)).SelectMany(static pair => (int[])[pair.Item1, pair.Item2]);
        threads.Distinct().Count().ShouldBe(1);
        loop.Time.GetElapsedTime(0).ShouldBeLessThan(TimeSpan.FromHours(101));
    }

    [ThreadFact]
    public async Task Cancelling_a_submitted_task_cancels_its_sleep_without_a_token()
    {
        await using var loop = new EventLoop(Real);
        var started = new Gate();
        var future = loop.Submit(async () =>
        {
            started.Open();
            await EventLoop.SleepAsync(TimeSpan.FromDays(1));
        });
        await started.PassAsync();
        future.Cancel().ShouldBeTrue();
        await future.EndAsync();
        future.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task Work_from_another_thread_can_be_cancelled_and_timed_out_from_there()
    {
        await using var loop = new EventLoop(Real);
        var future = loop.Submit(static async () => await EventLoop.SleepAsync(TimeSpan.FromDays(1)), new() { Timeout = TimeSpan.FromMilliseconds(1) });
        await Should.ThrowAsync<TaskTimeoutException>(future.AsTask().WaitAsync(TestTimeout.Wait));
    }

    [ThreadFact]
    public async Task A_stopped_loop_takes_nothing_and_says_so()
    {
        EventLoop? kept = null;
        await RunAsync(
            () =>
            {
                kept = EventLoop.Current;
                return Task.CompletedTask;
            },
            Virtual with { Name = "gone" });
        var loop = kept.ShouldNotBeNull();
        foreach (Action use in (Action[])[
            () => loop.Post(static () => { }),
            () => loop.CallSoon(static () => { }),
            () => loop.CallLater(Second, static () => { }),
            () => loop.Submit(static () => { })])
        {
            Should.Throw<ObjectDisposedException>(use).Message.ShouldContain("'gone'");
        }
    }

    [ThreadFact]
    public async Task Continuations_that_come_after_the_end_of_the_loop_run_on_the_thread_pool()
    {
        var late = new TaskCompletionSource();
        Task? left = null;
        await RunAsync(() =>
        {
            left = WaitAsync();
            return Task.CompletedTask;

            async Task WaitAsync() => await late.Task;
        });
        late.SetResult();
        await left!.WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task Negative_times_and_null_callbacks_are_refused() => await RunAsync(static () =>
    {
        var loop = EventLoop.Current!;
        Should.Throw<ArgumentOutOfRangeException>(() => loop.CallLater(-Second, static () => { })).ParamName.ShouldBe("delay");
        Should.Throw<ArgumentOutOfRangeException>(static () => { _ = SleepAsync(-1); }).ParamName.ShouldBe("delay");
        Should.Throw<ArgumentNullException>(() => loop.Post(null!)).ParamName.ShouldBe("callback");
        Should.Throw<ArgumentNullException>(() => loop.CallSoon(null!)).ParamName.ShouldBe("callback");
        Should.Throw<ArgumentNullException>(() => loop.CallLater(Second, null!)).ParamName.ShouldBe("callback");
        Should.Throw<ArgumentNullException>(static () => EventLoop.Run((Func<Task>)null!)).ParamName.ShouldBe("main");
        Should.Throw<ArgumentOutOfRangeException>(static () => new EventLoopOptions { SlowCallbackThreshold = TimeSpan.Zero }).ParamName.ShouldBe("SlowCallbackThreshold");
        return Task.CompletedTask;
    });

    [ThreadFact]
    public async Task Work_that_has_left_its_loop_is_not_tried_again() => await RunAsync(static async () =>
    {
        int attempts = 0;
        var future = EventLoop.Current!.Submit(LeaveAsync, new() { Retry = new() });
        (await CaughtAsync(future.AsTask())).ShouldBeOfType<NoEventLoopException>().Message.ShouldContain("ConfigureAwait(false)");
        attempts.ShouldBe(1);
        Now.ShouldBe(0);

        async Task LeaveAsync()
        {
            attempts++;
            await Task.Yield();
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // off the loop, whatever is faster
            await EventLoop.SleepAsync(Second);
        }
    });

    [ThreadFact]
    public void Sleeping_off_the_loop_is_refused_with_the_way_out() =>
        Should.Throw<InvalidOperationException>(static () => { _ = SleepAsync(1); }).Message.ShouldContain("Task.Delay");
}
