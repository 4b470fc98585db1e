using System.Collections.Concurrent;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Scopes;

public sealed class CancelScopeTests
{
    [ThreadFact]
    public async Task A_deadline_further_off_than_timers_reach_comes_at_its_time()
    {
        var time = new ManualTimeProvider();
        var begun = new Gate();
        var run = CancelScope.MoveOnAfterAsync(
            TimeSpan.FromDays(100),
            async _ =>
            {
                begun.Open();
                await Task.Delay(Timeout.InfiniteTimeSpan, CancelScope.CurrentToken);
            },
            time);
        await begun.PassAsync();
        time.Advance(TimeSpan.FromDays(50));
        time.Advance(TimeSpan.FromDays(49));
        run.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromDays(1));
        (await run.WaitAsync(TestTimeout.Wait)).ShouldBeFalse();
    }

    [ThreadFact]
    public async Task Work_in_time_keeps_its_result() => await RunAsync(static async () =>
    {
        (await CancelScope.FailAfterAsync(2 * Second, static async _ =>
        {
            await SleepAsync(1);
            return 5;
        })).ShouldBe(5);
        (await CancelScope.MoveOnAfterAsync(2 * Second, static _ => SleepAsync(1))).ShouldBeTrue();
        (await CancelScope.RunAsync(static _ => SleepAsync(1))).ShouldBeTrue();
        Now.ShouldBe(3);
    });

    [ThreadFact]
    public async Task Work_out_of_time_is_cancelled_and_its_end_awaited() => await RunAsync(static async () =>
    {
        bool isCleanedUp = false;
        var error = await Should.ThrowAsync<TimeoutException>(CancelScope.FailAfterAsync(Second, async _ =>
        {
            try
            {
                await SleepAsync(10);
            }
            finally
            {
                await CancelScope.ShieldAsync(static () => SleepAsync(5));
                isCleanedUp = true;
            }
        }));
        isCleanedUp.ShouldBeTrue();
        error.Message.ShouldContain("1 s");
        Now.ShouldBe(6);
        (await CancelScope.MoveOnAfterAsync(Second, static _ => SleepAsync(10))).ShouldBeFalse();
        Now.ShouldBe(7);
    });

    [ThreadFact]
    public async Task Nested_deadlines_convert_only_their_own() => await RunAsync(static async () =>
    {
        var seen = new List<string>();
        bool isInTime = await CancelScope.MoveOnAfterAsync(Second, async _ =>
        {
            try
            {
                await CancelScope.FailAfterAsync(10 * Second, static _ => SleepAsync(20));
            }
            catch (OperationCanceledException)
            {
                seen.Add("inner: cancelled");
                throw;
            }
        });
        isInTime.ShouldBeFalse();
        (await CancelScope.MoveOnAfterAsync(10 * Second, async _ =>
        {
            try
            {
                await CancelScope.FailAfterAsync(Second, static _ => SleepAsync(20));
            }
            catch (TimeoutException)
            {
                seen.Add("inner: timed out");
            }

            await SleepAsync(1);
        })).ShouldBeTrue();
        seen.ShouldBe(["inner: cancelled", "inner: timed out"]);
        Now.ShouldBe(3);
    });

    [ThreadFact]
    public async Task A_cancellation_from_outside_stays_one() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        EventLoop.Current!.CallLater(Second, source.Cancel);
        var error = await Should.ThrowAsync<OperationCanceledException>(
            CancelScope.MoveOnAfterAsync(2 * Second, static _ => SleepAsync(10), cancellationToken: source.Token));
        error.ShouldNotBeNull();
        Now.ShouldBe(1);
        await Should.ThrowAsync<OperationCanceledException>(CancelScope.FailAfterAsync(Second, static _ => SleepAsync(1), cancellationToken: source.Token));
        Now.ShouldBe(1, "what is cancelled before it begins does not begin");
    });

    [ThreadFact]
    public async Task An_unrequested_cancellation_is_an_error_like_any() => await RunAsync(static async () =>
    {
        try
        {
            await CancelScope.MoveOnAfterAsync(Second, static _ => throw new OperationCanceledException("of its own"));
            Assert.Fail("it is no cancellation of the scope");
        }
        catch (OperationCanceledException error)
        {
            error.Message.ShouldBe("of its own");
        }
    });

    [ThreadFact]
    public async Task A_scope_can_be_cancelled_by_hand_and_stays_so() => await RunAsync(static async () =>
    {
        int begun = 0;
        (await CancelScope.RunAsync(async scope =>
        {
            begun++;
            scope.Cancel();
            scope.Cancel();
            scope.IsCancellationRequested.ShouldBeTrue();
            scope.HasExpired.ShouldBeFalse();
            scope.Token.IsCancellationRequested.ShouldBeTrue();
            try
            {
                await SleepAsync(1);
            }
            finally
            {
                await Should.ThrowAsync<OperationCanceledException>(SleepAsync(1));
            }

            begun++;
        })).ShouldBeFalse();
        begun.ShouldBe(1);
        Now.ShouldBe(0);
    });

    [ThreadFact]
    public async Task A_deadline_can_be_moved_away_closer_and_off() => await RunAsync(static async () =>
    {
        await CancelScope.FailAfterAsync(Second, static async scope =>
        {
            scope.TimeLeft.ShouldBe(Second);
            scope.CancelAfter(5 * Second);
            await SleepAsync(4);
            scope.TimeLeft.ShouldBe(Second);
            scope.CancelAfter(Timeout.InfiniteTimeSpan);
            scope.TimeLeft.ShouldBeNull();
            await SleepAsync(4);
        });
        Now.ShouldBe(8);
        await Should.ThrowAsync<TimeoutException>(CancelScope.FailAfterAsync(Timeout.InfiniteTimeSpan, static async scope =>
        {
            scope.CancelAfter(Second);
            await SleepAsync(4);
        }));
        Now.ShouldBe(9);
        await CancelScope.RunAsync(static scope =>
        {
            Should.Throw<ArgumentOutOfRangeException>(() => scope.CancelAfter(-Second)).ParamName.ShouldBe("delay");
            return Task.CompletedTask;
        });
    });

    [ThreadTheory]
    [InlineData(-1, false, "within 1 s of the last change of its deadline.")]
    [InlineData(1, false, "within 1 s of the last change of its deadline.")]
    [InlineData(5, false, "within 1 s of the last change of its deadline.")]
    [InlineData(5, true, "within 5 s.")]
    public async Task The_error_names_the_limit_that_was_passed(int began, bool stays, string limit) => await RunAsync(async () =>
    {
        var delay = began < 0 ? Timeout.InfiniteTimeSpan : began * Second;
        var error = await Should.ThrowAsync<TimeoutException>(CancelScope.FailAfterAsync(delay, async scope =>
        {
            if (!stays) scope.CancelAfter(2 * Second);
            if (!stays) scope.CancelAfter(Second);
            await SleepAsync(10);
        }));
        error.Message.ShouldContain(limit);
    });

    [ThreadFact]
    public async Task No_time_at_all_does_not_start_the_work() => await RunAsync(static async () =>
    {
        bool isStarted = false;
        await Should.ThrowAsync<TimeoutException>(CancelScope.FailAfterAsync(TimeSpan.Zero, Start));
        (await CancelScope.MoveOnAfterAsync(TimeSpan.Zero, Start)).ShouldBeFalse();
        isStarted.ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = CancelScope.FailAfterAsync(-Second, Start); }).ParamName.ShouldBe("delay");
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = CancelScope.MoveOnAfterAsync(-Second, Start); }).ParamName.ShouldBe("delay");

        Task Start(CancelScope scope)
        {
            isStarted = true;
            return Task.CompletedTask;
        }
    });

    [ThreadFact]
    public async Task Work_that_completes_at_its_deadline_keeps_its_result() => await RunAsync(static async () =>
    {
        (await CancelScope.FailAfterAsync(Second, static async _ =>
        {
            await Task.Delay(Second, EventLoop.Current!.Time); // takes no token: it ends well, at the moment the deadline strikes
            return "done";
        })).ShouldBe("done");
    });

    [ThreadFact]
    public async Task A_shield_keeps_cancellation_out_until_it_ends() => await RunAsync(static async () =>
    {
        string? seen = null;
        (await CancelScope.MoveOnAfterAsync(Second, async outer =>
        {
            seen = await CancelScope.ShieldAsync(async () =>
            {
                await SleepAsync(5);
                CancelScope.CurrentToken.IsCancellationRequested.ShouldBeFalse();
                outer.IsCancellationRequested.ShouldBeTrue();
                return "whole";
            });
            await SleepAsync(1);
        })).ShouldBeFalse();
        seen.ShouldBe("whole");
        Now.ShouldBe(5);
        (await Should.ThrowAsync<FormatException>(CancelScope.ShieldAsync(static () => throw new FormatException("late")))).Message.ShouldBe("late");
    });

    [ThreadFact]
    public async Task The_token_is_there_for_code_that_is_handed_none_also_where_it_has_left_the_loop() => await RunAsync(
        static async () =>
        {
            var root = CancelScope.Current.ShouldNotBeNull();
            await CancelScope.RunAsync(async scope =>
            {
                CancelScope.Current.ShouldBeSameAs(scope);
                await Task.Yield();
                CancelScope.CurrentToken.ShouldBe(scope.Token);
                await Task.Run(() => CancelScope.Current.ShouldBeSameAs(scope));
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // off the loop, whatever is faster
                EventLoop.Current.ShouldBeNull();
                CancelScope.Current.ShouldBeSameAs(scope);
            });
            CancelScope.Current.ShouldBeSameAs(root);
            EventLoop.Current.ShouldNotBeNull();
        },
        Real);

    [ThreadFact]
    public async Task Scopes_work_off_the_loop_with_any_clock()
    {
        CancelScope.Current.ShouldBeNull();
        CancelScope.CurrentToken.CanBeCanceled.ShouldBeFalse();
        var time = new ManualTimeProvider();
        var work = CancelScope.FailAfterAsync(Second, static scope => Task.Delay(Timeout.Infinite, scope.Token), time);
        time.Advance(Second);
        await Should.ThrowAsync<TimeoutException>(work.WaitAsync(TestTimeout.Wait));
        time.ArmedTimers.ShouldBe(0);
        (await CancelScope.MoveOnAfterAsync(TimeSpan.FromDays(1), static _ => Task.CompletedTask, time)).ShouldBeTrue();
        time.ArmedTimers.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Errors_in_callbacks_on_the_token_reach_the_canceller_and_all_tokens_trip()
    {
        CancellationToken innermost = default;
        await CancelScope.RunAsync(async outer =>
        {
            outer.Token.Register(static () => throw new FormatException("from a callback"));
            await CancelScope.RunAsync(inner =>
            {
                innermost = inner.Token;
                Should.Throw<AggregateException>(outer.Cancel).InnerExceptions.ShouldHaveSingleItem().ShouldBeOfType<FormatException>();
                return Task.CompletedTask;
            });
        });
        innermost.IsCancellationRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task A_scope_that_is_over_leaves_nothing_in_its_parent() => await RunAsync(static async () =>
    {
        await CancelScope.RunAsync(static async outer =>
        {
            for (int i = 0; i < 3; i++) await CancelScope.MoveOnAfterAsync(Second, static _ => SleepAsync(0));
            var reference = await LeaveAsync();
            await ((WeakReference[])[reference]).ShouldDieAsync("a scope that is over");
            outer.IsCancellationRequested.ShouldBeFalse();
        });

        static async Task<WeakReference> LeaveAsync()
        {
            WeakReference? reference = null;
            await CancelScope.RunAsync(inner =>
            {
                reference = new WeakReference(inner);
                return SleepAsync(0);
            });
            return reference!;
        }
    });

    [ThreadFact]
    public async Task A_scope_that_another_thread_cancels_as_a_sleep_begins_ends_it_every_time() => await RunAsync(
        static async () =>
        {
            using var rounds = new BlockingCollection<CancelScope>();
            var canceller = TestSupport.OnOwnThread(() =>
            {
                foreach (var scope in rounds.GetConsumingEnumerable()) scope.Cancel();
            });
            for (int round = 0; round < 5000; round++)
            {
                bool isDone = await CancelScope.RunAsync(async scope =>
                {
                    rounds.Add(scope);
                    if (round % 2 == 0) await EventLoop.SleepAsync(TimeSpan.FromHours(1));
                    else await Task.WhenAll(SleepAsync(3600), SleepAsync(7200), SleepAsync(3600));
                });
                isDone.ShouldBeFalse();
            }

            rounds.CompleteAdding();
            await canceller;
        },
        Real);

    [ThreadFact]
    public async Task The_sleeps_of_a_scope_are_cancelled_with_it_also_after_a_completed_one_and_with_a_callback_that_throws() => await RunAsync(static async () =>
    {
        var ended = new List<string>();
        var error = await CaughtAsync(CancelScope.RunAsync(async scope =>
        {
            scope.Token.Register(static () => throw new FormatException("of a callback"));
            var sleeps = new[] { NapAsync("a", 1), NapAsync("b", 3600), NapAsync("c", 2), NapAsync("d", 3600) };
            await SleepAsync(5);
            ended.ShouldBe(["a", "c"]);
            await Task.Yield();
            Should.Throw<AggregateException>(scope.Cancel).InnerExceptions.ShouldHaveSingleItem().ShouldBeOfType<FormatException>();
            await Task.WhenAll(sleeps);
        }));
        error.ShouldBeNull();
        ended.ShouldBe(["a", "c", "d cancelled", "b cancelled"]);
        Now.ShouldBe(5);

        async Task NapAsync(string name, double seconds)
        {
            try
            {
                await EventLoop.SleepAsync(TimeSpan.FromSeconds(seconds));
                ended.Add(name);
            }
            catch (OperationCanceledException)
            {
                ended.Add($"{name} cancelled");
                throw;
            }
        }
    });

    [ThreadFact]
    public void Null_work_is_refused_at_the_call()
    {
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.RunAsync(null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.MoveOnAfterAsync(Second, null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.FailAfterAsync(Second, null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.FailAfterAsync<int>(Second, null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.ShieldAsync(null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(static () => { _ = CancelScope.ShieldAsync<int>(null!); }).ParamName.ShouldBe("work");
    }
}
