using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

public sealed class VirtualTimeTests
{
    [ThreadFact]
    public async Task An_hour_of_sleeps_takes_no_time_and_comes_in_a_certain_order()
    {
        long began = TimeProvider.System.GetTimestamp();
        var first = await RunAsync(SleepersAsync);
        (await RunAsync(SleepersAsync)).SequenceEqual(first).ShouldBeTrue();
        first.Count.ShouldBe(100 * 36);
        first.SequenceEqual(first.OrderBy(static line => line.At).ThenBy(static line => line.Sleeper)).ShouldBeTrue("equal times come in the order they were begun");
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TestTimeout.Wait);

        static async Task<List<(double At, int Sleeper)>> SleepersAsync()
        {
            var log = new List<(double, int)>();
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 100; i++)
                {
                    int sleeper = i;
                    group.Run(async () =>
                    {
                        for (int minute = 0; minute < 36; minute++)
                        {
                            await SleepAsync(100);
                            log.Add((Now, sleeper));
                        }
                    });
                }
            });
            return log;
        }
    }

    [ThreadFact]
    public async Task Everything_that_takes_a_clock_obeys_it() => await RunAsync(static async () =>
    {
        var time = EventLoop.Current!.Time;
        time.GetUtcNow().ShouldBe(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await Task.Delay(10 * Second, time);
        Now.ShouldBe(10);

        using var periodic = new PeriodicTimer(5 * Second, time);
        for (int i = 1; i <= 3; i++)
        {
            (await periodic.WaitForNextTickAsync()).ShouldBeTrue();
            Now.ShouldBe(10 + (5 * i));
        }

        using var source = new CancellationTokenSource(5 * Second, time);
        await Should.ThrowAsync<OperationCanceledException>(() => Task.Delay(Timeout.InfiniteTimeSpan, time, source.Token));
        Now.ShouldBe(30);

        await Should.ThrowAsync<TimeoutException>(() => new TaskCompletionSource().Task.WaitAsync(10 * Second, time));
        Now.ShouldBe(40);
        time.GetUtcNow().ShouldBe(new DateTimeOffset(2000, 1, 1, 0, 0, 40, TimeSpan.Zero));
        time.LocalTimeZone.ShouldBe(TimeZoneInfo.Utc);
    });

    [ThreadFact]
    public async Task A_timer_can_be_changed_and_disposed_from_anywhere() => await RunAsync(static async () =>
    {
        var time = EventLoop.Current!.Time;
        var rings = new List<double>();
        var timer = time.CreateTimer(_ => rings.Add(Now), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Second, 2 * Second).ShouldBeTrue();
        await SleepAsync(3.5);
        await EventLoop.RunOnAsync(new InlineExecutor(), () => TestSupport.OnOwnThread(() => timer.Change(Second, Timeout.InfiniteTimeSpan)).WaitAsync(TestTimeout.Wait).GetAwaiter().GetResult());
        await SleepAsync(10);
        rings.ShouldBe([1, 3, 4.5]);
        await timer.DisposeAsync();
        timer.Change(Second, Second).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => time.CreateTimer(static _ => { }, null, -Second, Second));
        Should.Throw<ArgumentNullException>(() => time.CreateTimer(null!, null, Second, Second));
    });

    [ThreadFact]
    public async Task The_clock_does_not_move_while_anything_is_ready() => await RunAsync(static async () =>
    {
        var sleep = SleepAsync(1);
        for (int i = 0; i < 1000; i++)
        {
            await Task.Yield();
            Now.ShouldBe(0);
        }

        await sleep;
        Now.ShouldBe(1);
    });

    [ThreadFact]
    public async Task The_clock_does_not_move_while_announced_work_is_under_way_elsewhere() => await RunAsync(static async () =>
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var sleep = SleepAsync(1);
        var work = EventLoop.RunOnAsync(threads, () =>
        {
            release.Pass();
            return "done";
        });
        await Task.Run(static () => { }); // the loop has nothing to do meanwhile
        Now.ShouldBe(0);
        sleep.IsCompleted.ShouldBeFalse();
        release.Open();
        (await work).ShouldBe("done");
        Now.ShouldBe(0);
        await sleep;
    });

    [ThreadFact]
    public async Task Times_of_a_loop_have_no_upper_bound() => await RunAsync(static async () =>
    {
        const double day = 86400;
        var loop = EventLoop.Current!;
        await EventLoop.SleepAsync(TimeSpan.FromDays(90));
        Now.ShouldBe(90 * day);
        (await CancelScope.MoveOnAfterAsync(TimeSpan.FromDays(400), static _ => EventLoop.SleepAsync(Timeout.InfiniteTimeSpan).AsTask())).ShouldBeFalse();
        Now.ShouldBe(490 * day);

        bool isCalled = false;
        var never = loop.CallLater(TimeSpan.MaxValue, static () => throw new InvalidOperationException("This never comes."));
        loop.CallLater(TimeSpan.FromDays(100), () => isCalled = true);
        await using var timer = loop.Time.CreateTimer(static _ => { }, null, TimeSpan.FromDays(1000), TimeSpan.FromDays(1000));
        await EventLoop.SleepAsync(TimeSpan.FromDays(100));
        isCalled.ShouldBeTrue();
        Now.ShouldBe(590 * day);
        never.Cancel().ShouldBeTrue();

        await EventLoop.SleepAsync(TimeSpan.FromDays(365 * 9000));
        loop.Time.GetUtcNow().Year.ShouldBe(9999, "where the calendar ends");
    });

    [ThreadFact]
    public async Task A_sleep_without_an_end_is_no_reason_to_wait() =>
        (await Should.ThrowAsync<LoopDeadlockException>(RunAsync(static async () => await EventLoop.SleepAsync(Timeout.InfiniteTimeSpan)))).Message.ShouldContain("a sleep");

    [ThreadFact]
    public async Task A_sleep_of_zero_lets_the_others_run_first() => await RunAsync(static async () =>
    {
        var order = new List<int>();
        EventLoop.Current!.Post(() => order.Add(1));
        await SleepAsync(0);
        order.Add(2);
        order.ShouldBe([1, 2]);
        Now.ShouldBe(0);
    });

    [ThreadFact]
    public async Task A_token_ends_a_sleep_early_and_one_that_has_tripped_lets_none_begin() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        var sleep = SleepAsync(10, source.Token);
        EventLoop.Current!.CallLater(Second, source.Cancel);
        (await Should.ThrowAsync<OperationCanceledException>(sleep)).CancellationToken.ShouldBe(source.Token);
        Now.ShouldBe(1);
        await Should.ThrowAsync<OperationCanceledException>(SleepAsync(1, source.Token));
        Now.ShouldBe(1);
    });

    [ThreadFact]
    public async Task A_token_that_trips_on_another_thread_cancels_a_sleep_on_the_loop() => await RunAsync(
        static async () =>
        {
            var loop = EventLoop.Current;
            using var source = new CancellationTokenSource();
            var sleep = SleepAsync(86400, source.Token);
            await Task.Run(source.Cancel);
            await Should.ThrowAsync<OperationCanceledException>(sleep);
            EventLoop.Current.ShouldBeSameAs(loop);
        },
        Real);

    [ThreadFact]
    public async Task A_sleep_handed_to_another_thread_continues_there() => await RunAsync(
        static async () =>
        {
            var sleep = EventLoop.SleepAsync(TimeSpan.FromMilliseconds(1));
            var ambient = new AsyncLocal<int> { Value = 5 };
            (EventLoop? Where, int Ambient) seen = await Task.Run(async () =>
            {
                await sleep;
                return (EventLoop.Current, ambient.Value);
            });
            seen.ShouldBe((null, 5));
        },
        Real);

    [ThreadFact]
    public async Task Nothing_ready_and_nothing_due_is_a_deadlock() =>
        (await Should.ThrowAsync<LoopDeadlockException>(RunAsync(static () => new TaskCompletionSource().Task, Virtual with { Name = "stuck" })))
            .Message.ShouldContain("'stuck'");

    [ThreadFact]
    public async Task A_hundred_thousand_sleepers_end_on_time_and_cost_less_than_a_delay_each()
    {
        const int sleepers = 100_000;
        await RunAsync(static async () =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int awake = 0;
            for (int i = 0; i < sleepers; i++) _ = SleepOnceAsync(1 + (i % 7));
            long each = (GC.GetAllocatedBytesForCurrentThread() - before) / sleepers;
            await SleepAsync(7);
            awake.ShouldBe(sleepers);

            before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < sleepers; i++) _ = DelayOnceAsync(1 + (i % 7));
            long eachDelay = (GC.GetAllocatedBytesForCurrentThread() - before) / sleepers;
            await SleepAsync(7);
            each.ShouldBeLessThan(eachDelay);

            async Task SleepOnceAsync(int seconds)
            {
                double due = Now + seconds;
                await EventLoop.SleepAsync(TimeSpan.FromSeconds(seconds));
                Now.ShouldBe(due);
                awake++;
            }

            async Task DelayOnceAsync(int seconds) => await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        });
    }
}
