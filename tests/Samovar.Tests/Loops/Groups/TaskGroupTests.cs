using System.Collections.Concurrent;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Groups;

public sealed class TaskGroupTests
{
    [ThreadFact]
    public async Task The_block_ends_when_all_its_tasks_have_and_results_are_there_after() => await RunAsync(static async () =>
    {
        GroupTask<int>? slow = null, quick = null;
        string result = await TaskGroup.RunAsync(group =>
        {
            slow = group.Run(static async () =>
            {
                await SleepAsync(5);
                return 5;
            });
            quick = group.Run(static () => Task.FromResult(1), "quick");
            slow.State.ShouldBe(GroupTaskState.Waiting, "tasks begin in their turn");
            group.Unfinished.ShouldBe(2);
            return Task.FromResult("the body ended first");
        });
        Now.ShouldBe(5);
        result.ShouldBe("the body ended first");
        slow!.Result.ShouldBe(5);
        (await quick!).ShouldBe(1);
        Task<int> asTask = quick!;
        (await asTask).ShouldBe(1);
        quick!.Name.ShouldBe("quick");
        quick.Origin.ShouldContain("TaskGroupTests.cs:");
        quick.State.ShouldBe(GroupTaskState.Succeeded);
        quick.Exception.ShouldBeNull();
    });

    [ThreadFact]
    public async Task Tasks_begin_in_the_order_they_were_started() => await RunAsync(static async () =>
    {
        var order = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                int number = i;
                group.Run(() =>
                {
                    order.Add(number);
                    return Task.CompletedTask;
                });
            }
        });
        order.ShouldBe(Enumerable.Range(0, 10));
    });

    [ThreadFact]
    public async Task A_task_may_start_others_of_its_group_also_after_the_body() => await RunAsync(static async () =>
    {
        int count = 0;
        await TaskGroup.RunAsync(group => { group.Run(() => SpawnAsync(group, 10)); });
        count.ShouldBe(10);

        async Task SpawnAsync(TaskGroup group, int left)
        {
            await SleepAsync(1);
            count++;
            if (left > 1) group.Run(() => SpawnAsync(group, left - 1));
        }
    });

    [ThreadFact]
    public async Task A_completed_or_failed_group_takes_no_more_and_starts_nothing() => await RunAsync(static async () =>
    {
        TaskGroup? kept = null;
        bool isStarted = false;
        await TaskGroup.RunAsync(group => { kept = group; }, new() { Name = "over" });
        Should.Throw<InvalidOperationException>(() => kept!.Run(Start)).Message.ShouldContain("'over'");

        await CaughtAsync(TaskGroup.RunAsync(async group =>
        {
            group.Run(static () => throw new FormatException("the cause"));
            await Task.Yield();
            Should.Throw<InvalidOperationException>(() => group.Run(Start)).InnerException!.Message.ShouldBe("the cause");
        }));
        isStarted.ShouldBeFalse();

        Task Start()
        {
            isStarted = true;
            return Task.CompletedTask;
        }
    });

    [ThreadFact]
    public async Task A_task_of_a_cancelled_group_never_begins() => await RunAsync(static async () =>
    {
        GroupTask? late = null;
        Exception? start = null;
        bool isStarted = false;
        await TaskGroup.RunAsync(async group =>
        {
            group.Cancel();
            late = group.Run(() =>
            {
                isStarted = true;
                return Task.CompletedTask;
            });
            start = await CaughtAsync(group.StartAsync(_ =>
            {
                isStarted = true;
                return Task.CompletedTask;
            }));
        });
        isStarted.ShouldBeFalse();
        late!.State.ShouldBe(GroupTaskState.Canceled);
        start.ShouldBeOfType<OperationCanceledException>();
    });

    [ThreadFact]
    public async Task A_starter_waits_until_its_task_is_ready() => await RunAsync(static async () =>
    {
        await TaskGroup.RunAsync(static async group =>
        {
            int port = await group.StartAsync<int>(static async signal =>
            {
                await SleepAsync(1);
                signal.Ready(8080);
                Should.Throw<InvalidOperationException>(() => signal.Ready(1));
                await SleepAsync(5);
            });
            port.ShouldBe(8080);
            Now.ShouldBe(1);
            await group.StartAsync(static async signal =>
            {
                signal.Ready();
                await SleepAsync(1);
            });
        });
        Now.ShouldBe(6);
    });

    [ThreadFact]
    public async Task An_error_of_a_task_before_it_is_ready_goes_to_its_starter_and_not_to_the_group() => await RunAsync(static async () =>
    {
        await TaskGroup.RunAsync(static async group =>
        {
            (await CaughtAsync(group.StartAsync(static _ => throw new FormatException("not ready")))).ShouldBeOfType<FormatException>();
            (await CaughtAsync(group.StartAsync(static _ => Task.CompletedTask)))!.Message.ShouldContain("ready");
            await SleepAsync(1);
        });
        var error = await CaughtAsync(TaskGroup.RunAsync(static group => group.StartAsync(static signal =>
        {
            signal.Ready();
            throw new FormatException("after it was ready");
        })));
        error.ShouldBeOfType<FormatException>();
    });

    [ThreadFact]
    public async Task Until_it_is_ready_a_task_belongs_to_the_scope_of_its_starter_too() => await RunAsync(static async () =>
    {
        var seen = new List<string>();
        await TaskGroup.RunAsync(async group =>
        {
            (await CancelScope.MoveOnAfterAsync(Second, _ => group.StartAsync(async signal =>
            {
                try
                {
                    await SleepAsync(5);
                }
                catch (OperationCanceledException)
                {
                    seen.Add($"not ready at {Now}");
                    signal.Ready(); // too late
                    await SleepAsync(5);
                }
            }))).ShouldBeFalse();
            Now.ShouldBe(1);
            await CancelScope.FailAfterAsync(Second, async _ =>
            {
                (await group.StartAsync<int>(async signal =>
                {
                    signal.Ready(5);
                    await SleepAsync(5);
                    seen.Add($"ready, ended at {Now}");
                })).ShouldBe(5);
            });
            (await CaughtAsync(CancelScope.FailAfterAsync(Second, _ => group.StartAsync(static async _ =>
            {
                await CancelScope.ShieldAsync(static () => SleepAsync(2));
                throw new FormatException("while it gave up");
            })))).ShouldBeOfType<FormatException>("its end is awaited");
            Now.ShouldBe(3);
            group.IsCanceled.ShouldBeFalse();
        });
        seen.ShouldBe(["not ready at 1", "ready, ended at 6"]);
        Now.ShouldBe(6);
    });

    [ThreadFact]
    public async Task A_task_whose_starter_gives_up_before_its_turn_never_begins() => await RunAsync(static async () =>
    {
        bool isStarted = false;
        await TaskGroup.RunAsync(
            async group =>
            {
                group.Run(static () => SleepAsync(5));
                (await CancelScope.MoveOnAfterAsync(Second, _ => group.StartAsync(signal =>
                {
                    isStarted = true;
                    signal.Ready();
                    return Task.CompletedTask;
                }))).ShouldBeFalse();
                Now.ShouldBe(1);
            },
            new() { MaxConcurrency = 1 });
        Now.ShouldBe(5);
        isStarted.ShouldBeFalse();
    });

    [ThreadFact]
    public async Task No_more_tasks_are_under_way_than_the_limit_says() => await RunAsync(static async () =>
    {
        int now = 0, most = 0;
        var order = new List<int>();
        await TaskGroup.RunAsync(
            group =>
            {
                for (int i = 0; i < 20; i++)
                {
                    int number = i;
                    group.Run(async () =>
                    {
                        order.Add(number);
                        most = Math.Max(most, ++now);
                        await SleepAsync(1);
                        now--;
                    });
                }
            },
            new() { MaxConcurrency = 3 });
        most.ShouldBe(3);
        order.ShouldBe(Enumerable.Range(0, 20));
        Now.ShouldBe(7);
        Should.Throw<ArgumentOutOfRangeException>(static () => new TaskGroupOptions { MaxConcurrency = 0 }).ParamName.ShouldBe("MaxConcurrency");
    });

    [ThreadFact]
    public async Task Tasks_held_back_by_the_limit_are_cancelled_too() => await RunAsync(static async () =>
    {
        var tasks = new List<GroupTask>();
        await CaughtAsync(TaskGroup.RunAsync(
            group =>
            {
                tasks.Add(group.Run(static () => throw new FormatException()));
                for (int i = 0; i < 5; i++) tasks.Add(group.Run(static () => SleepAsync(1)));
            },
            new() { MaxConcurrency = 1 }));
        tasks.Skip(1).ShouldAllBe(static task => task.State == GroupTaskState.Canceled);
        Now.ShouldBe(0);
    });

    [ThreadFact]
    public async Task Off_the_loop_tasks_run_on_the_thread_pool()
    {
        using var both = new Barrier(2);
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 2; i++)
            {
                group.Run(() =>
                {
                    both.SignalAndWait(TestTimeout.Wait).ShouldBeTrue("they run side by side");
                    return Task.CompletedTask;
                });
            }
        }).WaitAsync(TestTimeout.Wait);
        (await CaughtAsync(TaskGroup.RunAsync(static group =>
        {
            group.Run(static token => Task.Delay(Timeout.Infinite, token));
            group.Run(static () => throw new FormatException("off the loop"));
        }).WaitAsync(TestTimeout.Wait)))!.Message.ShouldBe("off the loop");
    }

    [ThreadFact]
    public async Task Where_there_is_a_context_tasks_run_in_it()
    {
        var context = new QueueContext();
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        Task block;
        bool ran = false;
        try
        {
            block = TaskGroup.RunAsync(group =>
            {
                group.Run(() =>
                {
                    ran = true;
                    return Task.CompletedTask;
                });
            });
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        ran.ShouldBeFalse();
        await TestTimeout.UntilAsync(() =>
        {
            context.RunOne();
            return block.IsCompleted;
        });

        ran.ShouldBeTrue();
        await block;
    }

    [ThreadFact]
    public async Task After_the_block_nothing_of_it_is_held() => await RunAsync(static async () =>
    {
        var references = await UseAsync();
        await SleepAsync(0);
        await references.ShouldDieAsync("a group, its tasks, their results and errors");

        static async Task<WeakReference[]> UseAsync()
        {
            var references = new List<WeakReference>();
            await CaughtAsync(TaskGroup.RunAsync(group =>
            {
                references.Add(new WeakReference(group));
                references.Add(new WeakReference(group.Run(() =>
                {
                    object result = new();
                    references.Add(new WeakReference(result));
                    return Task.FromResult(result);
                })));
                group.Run(() =>
                {
                    var error = new FormatException();
                    references.Add(new WeakReference(error));
                    throw error;
                });
            }));
            return [.. references];
        }
    });

    [ThreadFact]
    public async Task Null_work_and_bodies_are_refused() => await RunAsync(static async () =>
    {
        Should.Throw<ArgumentNullException>(static () => { _ = TaskGroup.RunAsync((Func<TaskGroup, Task>)null!); }).ParamName.ShouldBe("body");
        Should.Throw<ArgumentNullException>(static () => { _ = TaskGroup.RunAsync((Action<TaskGroup>)null!); }).ParamName.ShouldBe("body");
        await TaskGroup.RunAsync(static group =>
        {
            Should.Throw<ArgumentNullException>(() => group.Run((Func<Task>)null!)).ParamName.ShouldBe("work");
            Should.Throw<ArgumentNullException>(() => group.Run((Func<Task<int>>)null!)).ParamName.ShouldBe("work");
        });
        (await CaughtAsync(TaskGroup.RunAsync(static group => { group.Run(static () => null!); })))!.Message.ShouldContain("null");
    });

    [ThreadFact]
    public async Task A_result_is_not_available_before_completion() => await RunAsync(static async () =>
    {
        await TaskGroup.RunAsync(static async group =>
        {
            var task = group.Run(static async () =>
            {
                await SleepAsync(1);
                return 1;
            });
            Should.Throw<InvalidOperationException>(() => task.Result);
            (await task).ShouldBe(1);
            task.Result.ShouldBe(1);
        });
    });

    private sealed class QueueContext : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

        public void RunOne()
        {
            if (_posted.TryDequeue(out var next)) next.Callback(next.State);
        }
    }
}
