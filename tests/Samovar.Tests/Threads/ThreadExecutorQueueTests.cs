using Samovar.Tasks.Completions;
using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Threads;

/// <summary>The bounded queue.</summary>
public sealed class ThreadExecutorQueueTests
{
    private readonly Gate _release = new();

    [ThreadFact]
    public async Task A_full_queue_that_rejects_says_so()
    {
        await using var executor = await BuildAsync(QueueFullMode.Reject, capacity: 2);
        var queued = executor.Submit(static () => { });
        _ = executor.Submit(static () => { });
        var error = Should.Throw<QueueFullException>(() => executor.Submit(static () => { }));
        (error.Executor, error.Capacity).ShouldBe((executor.Name, 2));
        queued.Cancel();
        _ = executor.Submit(static () => { }); // a cancelled task gives its place back
        Should.Throw<QueueFullException>(() => executor.Submit(static () => { }));
        _release.Open();
        await executor.DrainAsync();
        executor.GetStatistics().Submitted.ShouldBe(4);
        for (int i = 0; i < 20; i++) await executor.Submit(static () => { });
    }

    [ThreadFact]
    public async Task A_full_queue_that_waits_holds_the_submitter_until_there_is_room()
    {
        await using var executor = await BuildAsync(QueueFullMode.Wait, capacity: 1);
        _ = executor.Submit(static () => { });
        var submitting = TestSupport.OnOwnThread(() => executor.Submit(static () => 5).Result.ShouldBe(5));
        await Blocked(executor);
        submitting.IsCompleted.ShouldBeFalse();
        executor.GetStatistics().Submitted.ShouldBe(2);
        _release.Open();
        await submitting;
    }

    [ThreadFact]
    public async Task The_tasks_token_cancels_the_wait_for_room()
    {
        await using var executor = await BuildAsync(QueueFullMode.Wait, capacity: 1);
        _ = executor.Submit(static () => { });
        using var source = new CancellationTokenSource();
        var submitting = TestSupport.OnOwnThread(() =>
            Should.Throw<OperationCanceledException>(() => executor.Submit(static () => { }, new() { CancellationToken = source.Token })));
        await Blocked(executor);
        await source.CancelAsync();
        await submitting;
        _release.Open();
    }

    [ThreadFact]
    public async Task Shutdown_cancels_the_wait_for_room_with_the_usual_error()
    {
        var executor = await BuildAsync(QueueFullMode.Wait, capacity: 1);
        _ = executor.Submit(static () => { });
        var submitting = TestSupport.OnOwnThread(() => Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => { })));
        await Blocked(executor);
        var shutdown = executor.ShutdownAsync();
        await submitting;
        _release.Open();
        await shutdown;
    }

    [ThreadFact]
    public async Task The_executors_own_tasks_and_further_attempts_are_let_in()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        (await executor.Submit(() => Enumerable.Range(0, 9).Select(i => executor.Submit(() => i)).ToList().Sum(static f => f.Result))).ShouldBe(36);
        var retried = executor.Submit(
            static () => TaskContext.Current!.Attempt < 5 ? throw new FormatException() : 1,
            new() { Retry = new() { MaxAttempts = 5, Delay = TimeSpan.Zero } });
        (await retried).ShouldBe(1);
        (await executor.Map(Enumerable.Range(0, 100), static i => i).CountAsync()).ShouldBe(100);
        for (int i = 0; i < 20; i++) await executor.Submit(static () => { }); // every place came back
    }

    [ThreadFact]
    public async Task A_cancelled_task_has_given_its_place_back_when_it_completes()
    {
        await using var executor = await BuildAsync(QueueFullMode.Reject, capacity: 1);
        var queued = executor.Submit(static () => { });
        var resubmission = new Resubmission(executor);
        queued.AddCompletion(resubmission);
        queued.Cancel().ShouldBeTrue();
        _release.Open();
        await resubmission.Submitted!;
    }

    private async Task<ThreadExecutor> BuildAsync(QueueFullMode mode, int capacity)
    {
        var executor = new ThreadExecutor(new() { Workers = 1, QueueCapacity = capacity, QueueFullMode = mode });
        var started = new Gate();
        _ = executor.Submit(() =>
        {
            started.Open();
            _release.Pass();
        });
        await started.PassAsync();
        return executor;
    }

    private static Task Blocked(ThreadExecutor executor) =>
        TestTimeout.UntilAsync(() => ((ThreadScheduler)executor.Core).SubmittersWaiting == 1);

    private sealed class Resubmission(Executor executor) : Completion
    {
        public Future? Submitted { get; private set; }

        public override void Signal(Future future) => Submitted = executor.Submit(static () => { });
    }
}
