using Samovar.Stress.Races;

namespace Samovar.Tests.Contract;

/// <summary>Work that is cancelled: queued, running, finished.</summary>
public abstract class CancellingContract : PrioritiesContract
{
    [Promise(Beside)]
    public async Task Cancelling_queued_work_never_starts_it()
    {
        await using var executor = Build();
        Gate release = NewGate(), touched = NewGate();
        await OccupyAsync(executor, release);
        var future = executor.Submit(() => touched.Open());
        future.Cancel().ShouldBeTrue();
        future.State.ShouldBe(FutureState.Canceled);
        future.Cancel().ShouldBeTrue("a second cancel gives the same answer");
        release.Open();
        await executor.DrainAsync();
        touched.IsOpen.ShouldBeFalse();
        future.Worker.ShouldBeNull();
        executor.GetStatistics().Canceled.ShouldBe(1);
    }

    [Promise(Beside)]
    public async Task Cancelling_one_of_many_leaves_the_others_and_their_order()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var futures = Enumerable.Range(0, 9).Select(i => executor.Submit(() => i)).ToList();
        foreach (int i in (int[])[0, 4, 5, 8]) futures[i].Cancel().ShouldBeTrue();
        release.Open();
        var (done, _) = await Futures.WaitAsync(futures, timeout: TestTimeout.Wait);
        done.Where(f => f.State == FutureState.Succeeded).Select(f => f.Result).ShouldBe([1, 2, 3, 6, 7]);
    }

    [Promise]
    public async Task Cancelling_a_finished_task_changes_nothing()
    {
        await using var executor = Build();
        var good = executor.Submit(static () => 7);
        var bad = executor.Submit(static () => throw new InvalidOperationException("bad"));
        await bad.EndAsync();
        good.Cancel().ShouldBeFalse();
        bad.Cancel().ShouldBeFalse();
        (await good).ShouldBe(7);
        bad.State.ShouldBe(FutureState.Failed);
        bad.Exception.ShouldBeOfType<InvalidOperationException>();
    }

    [Promise(Beside)]
    public async Task Cancelling_running_work_trips_its_token()
    {
        await using var executor = Build();
        var started = NewGate();
        var never = NewGate();
        var future = executor.Submit(token =>
        {
            started.Open();
            never.Pass(token);
        });
        await started.PassAsync();
        future.Cancel().ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(async () => await future);
        future.State.ShouldBe(FutureState.Canceled);
        future.Cancel().ShouldBeTrue("a second cancel gives the same answer");
    }

    [Promise(Beside)]
    public async Task Cancelling_running_asynchronous_work_trips_its_token()
    {
        await using var executor = Build();
        var started = NewGate();
        var never = NewGate();
        var future = executor.Submit(async token =>
        {
            started.Open();
            await never.PassAsync(token);
        });
        await started.PassAsync();
        future.Cancel().ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(async () => await future);
        future.State.ShouldBe(FutureState.Canceled);
    }

    [Promise(Beside)]
    public async Task Work_that_succeeds_after_its_cancellation_keeps_its_result()
    {
        await using var executor = Build(grace: TestTimeout.Wait);
        Gate started = NewGate(), release = NewGate();
        var future = executor.Submit(() =>
        {
            started.Open();
            release.Pass();
            return "done all the same";
        });
        await started.PassAsync();
        future.Cancel().ShouldBeTrue();
        release.Open();
        (await future).ShouldBe("done all the same");
    }

    [Promise]
    public async Task A_token_that_has_tripped_cancels_at_submit()
    {
        await using var executor = Build();
        var touched = NewGate();
        var future = executor.Submit(() => touched.Open(), new() { CancellationToken = new CancellationToken(canceled: true) });
        var error = await Should.ThrowAsync<OperationCanceledException>(async () => await future);
        error.CancellationToken.IsCancellationRequested.ShouldBeTrue();
        touched.IsOpen.ShouldBeFalse();
    }

    [Promise(Beside)]
    public async Task The_token_of_the_options_cancels_queued_and_running_work()
    {
        await using var executor = Build();
        using var source = new CancellationTokenSource();
        Gate started = NewGate(), never = NewGate(), touched = NewGate();
        var options = new TaskOptions { CancellationToken = source.Token };
        var running = executor.Submit(WaitingForToken(started, never), options);
        var queued = executor.Submit(Opening(touched), options);
        await started.PassAsync();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await running);
        (await Should.ThrowAsync<OperationCanceledException>(async () => await queued)).CancellationToken.ShouldBe(source.Token);
        touched.IsOpen.ShouldBeFalse();
    }

    [Promise]
    public async Task An_unrequested_OperationCanceledException_is_a_failure()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => throw new OperationCanceledException("of its own"));
        await future.EndAsync();
        future.State.ShouldBe(FutureState.Failed);
        future.Exception.ShouldBeAssignableTo<OperationCanceledException>()!.Message.ShouldBe("of its own");
    }

    [Promise(Beside | Shared)]
    public async Task An_error_in_a_callback_on_the_token_is_reported_and_the_cancel_goes_through()
    {
        await using var executor = Build();
        var reported = new TaskCompletionSource<UnobservedFailure>();
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        Gate started = NewGate(), never = NewGate();
        var future = executor.Submit(token =>
        {
            token.Register(static () => throw new InvalidOperationException("from the callback"));
            started.Open();
            never.Pass(token);
        });
        await started.PassAsync();
        future.Cancel().ShouldBeTrue();
        await future.EndAsync();
        future.State.ShouldBe(FutureState.Canceled);
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        failure.Source.ShouldBe(FailureSource.CancellationCallback);
        failure.TaskId.ShouldBe(future.Id);
    }

    [Promise(Beside)]
    public async Task Submit_cancel_and_shutdown_in_one_breath_end() =>
        (await ShutdownRace.RunAsync(() => Build(workers: 2), rounds: 20)).ShouldBeEmpty(); // Samovar.Stress races does it more often
}
