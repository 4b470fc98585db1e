using Samovar.Loops.Scopes;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Scopes;

/// <summary>Waits in a cancelled scope: code that catches the cancellation and waits again must not keep the loop to itself.</summary>
public sealed class RefusedWaitTests
{
    private static readonly InlineExecutor s_inline = new();

    private static readonly Dictionary<string, Func<Task>> s_waits = new()
    {
        ["sleep"] = static () => SleepAsync(1),
        ["checkpoint"] = static () => EventLoop.CheckpointAsync().AsTask(),
        ["take"] = static () => new AsyncQueue<int>().TakeAsync().AsTask(),
        ["put"] = static () => new AsyncQueue<int>().PutAsync(1).AsTask(),
        ["done"] = static () => new AsyncQueue<int>().WaitUntilDoneAsync().AsTask(),
        ["lock"] = static () => new AsyncLock().EnterAsync().AsTask(),
        ["semaphore"] = static () => new AsyncSemaphore(1).WaitAsync().AsTask(),
        ["lease of a semaphore"] = static () => new AsyncSemaphore(1).EnterAsync().AsTask(),
        ["event"] = static () => new AsyncEvent().WaitAsync().AsTask(),
        ["barrier"] = static () => new AsyncBarrier(1).SignalAndWaitAsync().AsTask(),
        ["limiter"] = static () => new CapacityLimiter(1).EnterAsync().AsTask(),
        ["lazy value"] = static () => new AsyncLazy<int>(static () => Task.FromResult(1)).GetValueAsync().AsTask(),
        ["condition"] = static () =>
        {
            var held = new AsyncLock();
            return new AsyncCondition(held).WaitAsync(held.TryEnter()!);
        },
        ["scope"] = static () => CancelScope.RunAsync(static _ => Task.CompletedTask),
        ["shielded scope's sleep"] = static () => CancelScope.ShieldAsync(static () =>
        {
            CancelScope.Current!.Cancel();
            return SleepAsync(1);
        }),
        ["another executor"] = static () => EventLoop.RunOnAsync(s_inline, static () => 1),
        ["another executor without a result"] = static () => EventLoop.RunOnAsync(s_inline, static () => { }),
    };

    public static TheoryData<string> Waits => [.. s_waits.Keys];

    [ThreadTheory]
    [MemberData(nameof(Waits))]
    public async Task A_refused_wait_lets_others_run_once(string wait) => await RunAsync(async () =>
    {
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            bool hasRun = false;
            EventLoop.Current!.Post(() => hasRun = true);
            (await CaughtAsync(s_waits[wait]())).ShouldBeAssignableTo<OperationCanceledException>();
            hasRun.ShouldBeTrue();
            EventLoop.Current.ShouldNotBeNull();
        });
        Now.ShouldBe(0);
    });

    [ThreadFact]
    public async Task A_wait_that_its_own_token_refuses_lets_others_run_too() => await RunAsync(static async () =>
    {
        using var tripped = new CancellationTokenSource();
        await tripped.CancelAsync();
        foreach (var wait in (Func<Task>[])[() => SleepAsync(1, tripped.Token), () => new AsyncLock().EnterAsync(tripped.Token).AsTask()])
        {
            bool hasRun = false;
            EventLoop.Current!.Post(() => hasRun = true);
            (await CaughtAsync(wait())).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(tripped.Token);
            hasRun.ShouldBeTrue();
        }
    });

    [ThreadFact]
    public async Task Code_that_continues_in_a_cancelled_scope_is_reported_once_with_its_line() => await RunAsync(static async () =>
    {
        var reports = Listen(EventLoop.Current!);
        int others = 0;
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            EventLoop.Current!.Post(() => others++);
            await InsistAsync(RefusedWait.MostRefused - 1);
            reports.ShouldBeEmpty();
            await InsistAsync(100);
        });
        others.ShouldBe(1);
        var report = reports.ShouldHaveSingleItem();
        report.Source.ShouldBe(FailureSource.IgnoredCancellation);
        report.Exception.Message.ShouldStartWith("RefusedWaitTests.InsistAsync (RefusedWaitTests.cs:");
        report.Exception.Message.ShouldContain("10,000 of its waits have been refused");
    });

    [ThreadFact]
    public async Task Many_tasks_whose_cleanup_is_refused_once_are_not_reported() => await RunAsync(static async () =>
    {
        var reports = Listen(EventLoop.Current!);
        int cleanedUp = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 11; i++)
            {
                group.Run(async () =>
                {
                    await CaughtAsync(SleepAsync(100)); // all have begun when the group is cancelled
                    await InsistAsync(RefusedWait.MostRefused / 10);
                    cleanedUp++;
                });
            }

            await SleepAsync(1);
            group.Cancel();
        });
        cleanedUp.ShouldBe(11);
        reports.ShouldBeEmpty();
    });

    [ThreadFact]
    public async Task Off_a_loop_a_wait_is_refused_at_once() =>
        await CancelScope.RunAsync(static scope =>
        {
            scope.Cancel();
            new AsyncLock().EnterAsync().AsTask().IsCanceled.ShouldBeTrue();
            return Task.CompletedTask;
        });

    private static async Task InsistAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            try
            {
                await EventLoop.SleepAsync(Second);
            }
            catch (OperationCanceledException)
            {
                // Insists.
            }
        }
    }
}
