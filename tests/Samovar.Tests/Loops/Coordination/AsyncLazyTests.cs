using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Values that are created once and belong to none of their callers.</summary>
public sealed class AsyncLazyTests
{
    [ThreadFact]
    public async Task It_is_created_once_for_all_callers() => await RunAsync(static async () =>
    {
        int made = 0;
        var lazy = new AsyncLazy<int>(MakeAsync);
        lazy.IsValueCreated.ShouldBeFalse();
        (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => lazy.GetValueAsync().AsTask()))).ShouldBe([7, 7, 7, 7, 7]);
        Now.ShouldBe(1);
        lazy.IsValueCreated.ShouldBeTrue();
        lazy.GetValueAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        made.ShouldBe(1);

        async Task<int> MakeAsync()
        {
            made++;
            await SleepAsync(1);
            return 7;
        }
    });

    [ThreadFact]
    public async Task The_scope_and_the_task_of_the_first_caller_cancel_its_wait_only() => await RunAsync(static async () =>
    {
        CancelScope? around = null;
        var lazy = new AsyncLazy<int>(MakeAsync);
        (await CancelScope.MoveOnAfterAsync(Second, _ => lazy.GetValueAsync().AsTask())).ShouldBeFalse();
        Now.ShouldBe(1);
        around.ShouldNotBeNull().IsCancellationRequested.ShouldBeFalse();
        (await lazy.GetValueAsync()).ShouldBe(7);
        Now.ShouldBe(10);

        async Task<int> MakeAsync()
        {
            around = CancelScope.Current;
            await SleepAsync(10);
            return 7;
        }
    });

    [ThreadFact]
    public async Task A_token_cancels_a_wait_and_is_named() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        var lazy = new AsyncLazy<int>(MakeAsync);
        var wait = lazy.GetValueAsync(source.Token).AsTask();
        await source.CancelAsync();
        (await CaughtAsync(wait)).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(source.Token);
        (await CaughtAsync(lazy.GetValueAsync(source.Token).AsTask())).ShouldBeAssignableTo<OperationCanceledException>();
        (await lazy.GetValueAsync()).ShouldBe(7);

        static async Task<int> MakeAsync()
        {
            await SleepAsync(1);
            return 7;
        }
    });

    [ThreadFact]
    public async Task A_failure_is_passed_to_the_waiters_and_the_next_caller_tries_again() => await RunAsync(static async () =>
    {
        int made = 0;
        var lazy = new AsyncLazy<int>(MakeAsync);
        var first = lazy.GetValueAsync().AsTask();
        var second = lazy.GetValueAsync().AsTask();
        (await CaughtAsync(first)).ShouldBeOfType<FormatException>();
        (await CaughtAsync(second)).ShouldBeOfType<FormatException>();
        (await lazy.GetValueAsync()).ShouldBe(2);

        var thrown = new AsyncLazy<int>(static () => throw new FormatException());
        (await CaughtAsync(thrown.GetValueAsync().AsTask())).ShouldBeOfType<FormatException>();
        var unasked = new AsyncLazy<int>(static () => Task.FromCanceled<int>(new CancellationToken(canceled: true)));
        (await CaughtAsync(unasked.GetValueAsync().AsTask())).ShouldBeAssignableTo<OperationCanceledException>();

        async Task<int> MakeAsync()
        {
            await SleepAsync(1);
            return ++made == 1 ? throw new FormatException() : made;
        }
    });

    [ThreadFact]
    public async Task Where_its_loop_stops_first_the_next_caller_starts_again()
    {
        int made = 0;
        var lazy = new AsyncLazy<int>(MakeAsync);
        await RunAsync(() =>
        {
            _ = lazy.GetValueAsync().AsTask();
            return Task.CompletedTask;
        });
        made.ShouldBe(1);
        (await RunAsync(() => lazy.GetValueAsync().AsTask())).ShouldBe(2);
        (await lazy.GetValueAsync()).ShouldBe(2, "off a loop too");

        async Task<int> MakeAsync()
        {
            int number = ++made;
            await SleepAsync(1);
            return number;
        }
    }

    [ThreadFact]
    public async Task A_waiter_elsewhere_continues_when_the_loop_that_created_it_has_stopped()
    {
        Gate begun = new(), asked = new();
        int made = 0;
        var lazy = new AsyncLazy<int>(MakeAsync);
        var elsewhere = Task.Run(async () =>
        {
            await begun.PassAsync();
            var wait = lazy.GetValueAsync().AsTask();
            asked.Open();
            return await wait;
        });
        await RunAsync(
            async () =>
            {
                var first = lazy.GetValueAsync().AsTask();
                begun.Open();
                await asked.PassAsync();
                first.IsCompleted.ShouldBeFalse();
            },
            Real);
        (await elsewhere.WaitAsync(TestTimeout.Wait)).ShouldBe(2);

        async Task<int> MakeAsync()
        {
            int number = ++made;
            if (EventLoop.Current is not null) await EventLoop.SleepAsync(Timeout.InfiniteTimeSpan);
            return number;
        }
    }

    [ThreadFact]
    public async Task A_loop_in_virtual_time_waits_for_a_value_that_is_made_elsewhere()
    {
        var release = new TaskCompletionSource();
        var lazy = new AsyncLazy<int>(async () =>
        {
            await release.Task;
            return 7;
        });
        var here = lazy.GetValueAsync().AsTask();
        await RunAsync(async () =>
        {
            var sleep = SleepAsync(1);
            var wait = lazy.GetValueAsync().AsTask();
            await Task.Run(release.SetResult);
            (await wait).ShouldBe(7);
            Now.ShouldBe(0);
            await sleep;
        });
        (await here).ShouldBe(7);
    }

    [ThreadFact]
    public async Task Reports_name_it() =>
        (await CaughtAsync(RunAsync(static () => new AsyncLazy<int>(static () => new TaskCompletionSource<int>().Task, "prices").GetValueAsync().AsTask())))
            .ShouldBeOfType<LoopDeadlockException>().Message.ShouldContain("lazy value 'prices' (being created)");
}
