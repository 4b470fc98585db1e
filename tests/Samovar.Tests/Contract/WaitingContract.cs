namespace Samovar.Tests.Contract;

/// <summary>Waits for one future, for several, for all.</summary>
public abstract class WaitingContract : SubmittingContract
{
    [Promise]
    public async Task Result_and_Exception_of_a_finished_future_are_there_at_once()
    {
        await using var executor = Build();
        var good = executor.Submit(static () => 3);
        var bad = executor.Submit(static () => throw new FormatException("no"));
        await bad.EndAsync();
        good.Wait(TimeSpan.Zero).ShouldBeTrue();
        good.Result.ShouldBe(3);
        good.GetResult(TimeSpan.Zero).ShouldBe(3);
        good.GetException().ShouldBeNull();
        good.Exception.ShouldBeNull();
        bad.Wait().ShouldBeTrue("waiting throws nothing of the task's");
        bad.GetException().ShouldBeOfType<FormatException>();
    }

    [Promise(Beside)]
    public async Task Waiting_with_a_timeout_gives_up_and_leaves_the_task_as_it_was()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var future = executor.Submit(static () => 3);
        future.Wait(TimeSpan.Zero).ShouldBeFalse();
        future.Wait(TimeSpan.FromMilliseconds(1)).ShouldBeFalse();
        Should.Throw<TimeoutException>(() => future.GetResult(TimeSpan.Zero));
        Should.Throw<TimeoutException>(() => future.GetException(TimeSpan.Zero));
        future.State.ShouldBe(FutureState.Queued);
        release.Open();
        future.Result.ShouldBe(3);
    }

    [Promise(Beside)]
    public async Task Every_waiter_is_woken_with_the_result_the_failure_or_the_cancellation()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var good = executor.Submit(static () => 3);
        var bad = executor.Submit(static int () => throw new FormatException("late"));
        var canceled = executor.Submit(static () => 4);
        var waits = new[] { good, bad, canceled }.Select(WaitFor).ToList();
        var error = TestSupport.OnOwnThread(() => bad.GetException().ShouldBeOfType<FormatException>());
        canceled.Cancel();
        (await waits[2].WaitAsync(TestTimeout.Wait)).ShouldBeAssignableTo<OperationCanceledException>();
        release.Open();
        (await waits[0].WaitAsync(TestTimeout.Wait)).ShouldBe(3);
        (await waits[1].WaitAsync(TestTimeout.Wait)).ShouldBeOfType<FormatException>();
        await error;

        static Task<object> WaitFor(Future<int> future) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return (object)future.Result;
                }
                catch (Exception error)
                {
                    return error;
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Promise(Beside)]
    public async Task A_token_cancels_the_wait_and_not_the_task()
    {
        await using var executor = Build();
        var release = NewGate();
        var future = await OccupyAsync(executor, release);
        using var source = new CancellationTokenSource();
        var wait = TestSupport.OnOwnThread(() => Should.Throw<OperationCanceledException>(() => future.Wait(null, source.Token)));
        await source.CancelAsync();
        await wait.WaitAsync(TestTimeout.Wait);
        future.State.ShouldBe(FutureState.Running);
        release.Open();
        await future;
    }

    [Promise]
    public async Task Negative_timeouts_are_refused()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => 1);
        var negative = TimeSpan.FromSeconds(-2);
        Should.Throw<ArgumentOutOfRangeException>(() => future.Wait(negative)).ParamName.ShouldBe("timeout");
        Should.Throw<ArgumentOutOfRangeException>(() => future.GetResult(negative)).ParamName.ShouldBe("timeout");
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = Futures.WaitAsync([future], timeout: negative); }).ParamName.ShouldBe("timeout");
        Should.Throw<ArgumentOutOfRangeException>(() => Futures.AsCompleted([future], negative)).ParamName.ShouldBe("timeout");
        await future;
    }

    [Promise]
    public async Task WaitAsync_for_all_returns_when_all_have_ended_in_whatever_way()
    {
        await using var executor = Build(workers: 2);
        Future[] futures =
        [
            executor.Submit(static () => 1),
            executor.Submit(static () => throw new FormatException()),
            executor.Submit(static () => { }, new() { CancellationToken = new(canceled: true) }),
        ];
        var (done, pending) = await Futures.WaitAsync(futures, timeout: TestTimeout.Wait);
        done.ShouldBe(futures);
        pending.ShouldBeEmpty();
        futures[1].Exception.ShouldNotBeNull();
    }

    [Promise(Beside | Several)]
    public async Task WaitAsync_returns_on_the_first_end_and_at_once_if_there_was_one()
    {
        await using var executor = Build(workers: 2);
        Gate first = NewGate(), second = NewGate();
        Future[] futures = [await OccupyAsync(executor, first), await OccupyAsync(executor, second)];
        var wait = Futures.WaitAsync(futures, WaitFor.FirstCompleted, TestTimeout.Wait);
        wait.IsCompleted.ShouldBeFalse();
        second.Open();
        var (done, pending) = await wait;
        done.ShouldBe([futures[1]]);
        pending.ShouldBe([futures[0]]);
        (await Futures.WaitAsync(futures, WaitFor.FirstCompleted)).Done.ShouldBe([futures[1]]);
        first.Open();
    }

    [Promise(Beside | Several)]
    public async Task WaitAsync_returns_on_the_first_failure_and_at_once_if_there_was_one()
    {
        await using var executor = Build(workers: 2);
        Gate first = NewGate(), second = NewGate();
        var blocked = await OccupyAsync(executor, first);
        var good = executor.Submit(static () => 1);
        await good;
        var bad = executor.Submit(() =>
        {
            second.Pass();
            throw new FormatException();
        });
        Future[] futures = [blocked, good, bad];
        var wait = Futures.WaitAsync(futures, WaitFor.FirstFailed, TestTimeout.Wait);
        wait.IsCompleted.ShouldBeFalse("a success is not what it waits for");
        second.Open();
        (await wait).Done.ShouldBe([good, bad]);
        (await Futures.WaitAsync(futures, WaitFor.FirstFailed)).Pending.ShouldBe([blocked]);
        first.Open();
        bad.Exception.ShouldNotBeNull();
    }

    [Promise]
    public async Task WaitAsync_for_the_first_failure_ends_when_none_fails()
    {
        await using var executor = Build();
        var futures = Enumerable.Range(0, 5).Select(i => executor.Submit(() => i)).ToList();
        (await Futures.WaitAsync(futures, WaitFor.FirstFailed, TestTimeout.Wait)).Done.ShouldBe(futures);
    }

    [Promise(Beside | Several)]
    public async Task WaitAsync_out_of_time_says_what_is_done_and_throws_nothing()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var quick = executor.Submit(static () => { });
        await quick;
        var wait = Futures.WaitAsync([blocked, quick], timeout: Limit, timeProvider: time);
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        var (done, pending) = await wait;
        done.ShouldBe([quick]);
        pending.ShouldBe([blocked]);
        release.Open();
    }

    [Promise]
    public async Task WaitAsync_counts_a_future_given_twice_once_and_takes_none_at_all()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => 1);
        (await Futures.WaitAsync([future, future], timeout: TestTimeout.Wait)).Done.ShouldBe([future]);
        (await Futures.WaitAsync(Array.Empty<Future>())).Done.ShouldBeEmpty();
        Should.Throw<ArgumentNullException>(() => { _ = Futures.WaitAsync<Future>(null!); });
        Should.Throw<ArgumentNullException>(() => { _ = Futures.WaitAsync([future, null!]); });
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = Futures.WaitAsync([future], (WaitFor)9); }).ParamName.ShouldBe("until");
    }

    [Promise]
    public async Task WhenAll_gives_the_results_in_the_order_of_the_futures()
    {
        await using var executor = Build(workers: 2);
        var futures = Enumerable.Range(0, 20).Select(i => executor.Submit(() => i * i)).ToList();
        (await Futures.WhenAll(futures)).ShouldBe(Enumerable.Range(0, 20).Select(static i => i * i));
        (await Futures.WhenAll([futures[3], futures[2], futures[3]])).ShouldBe([9, 4, 9]);
        (await Futures.WhenAll(Array.Empty<Future<int>>())).ShouldBeEmpty();
        await Futures.WhenAll([executor.Submit(static () => { })]);
        Should.Throw<ArgumentNullException>(() => { _ = Futures.WhenAll<int>(null!); });
        Should.Throw<ArgumentNullException>(() => { _ = Futures.WhenAll([futures[0], null!]); });
    }

    [Promise(Beside | Several)]
    public async Task WhenAll_waits_for_all_and_throws_the_first_error_in_the_order_given()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = executor.Submit(int () => { release.Pass(); throw new InvalidOperationException("first"); });
        var bad = executor.Submit(static int () => throw new FormatException("second"));
        await Futures.WaitAsync([bad]);
        var all = Futures.WhenAll([blocked, bad]);
        all.IsCompleted.ShouldBeFalse("one still runs");
        release.Open();
        (await Should.ThrowAsync<InvalidOperationException>(all)).Message.ShouldBe("first");
        all.Exception!.InnerExceptions.Count.ShouldBe(2);
    }

    [Promise(Beside)]
    public async Task A_token_ends_WhenAll_and_a_cancelled_future_cancels_it()
    {
        await using var executor = Build();
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        using var source = new CancellationTokenSource();
        var wait = Futures.WhenAll([blocked], source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(wait);
        var cancelled = executor.Submit(static () => 1);
        cancelled.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(Futures.WhenAll([cancelled]));
        blocked.State.ShouldBe(FutureState.Running);
        release.Open();
    }

    [Promise(Beside)]
    public async Task A_token_ends_WaitAsync()
    {
        await using var executor = Build();
        var release = NewGate();
        var future = await OccupyAsync(executor, release);
        using var source = new CancellationTokenSource();
        var wait = Futures.WaitAsync([future], cancellationToken: source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(wait);
        release.Open();
    }
}
