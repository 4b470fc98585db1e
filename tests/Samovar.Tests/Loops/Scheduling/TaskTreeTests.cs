using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Scheduling;

public sealed class TaskTreeTests
{
    [ThreadFact]
    public async Task The_tree_shows_groups_and_tasks_with_their_state_and_where_they_await() => await RunAsync(static async () =>
    {
        TaskTreeNode? tree = null;
        await TaskGroup.RunAsync(
            static async group =>
            {
                group.Run(OuterAsync, "fetch");
                group.Run(static () => TaskGroup.RunAsync(static inner => { inner.Run(InnerAsync, "leaf"); }, new() { Name = "nested" }), "parent");
                group.Run(static () => Task.CompletedTask, "held back");
                await SleepAsync(1);
            },
            new() { Name = "crawl", MaxConcurrency = 2 }).WithTreeAsync(async () => tree = await EventLoop.Current!.GetTaskTreeAsync());
        string text = tree!.ToString();
        text.ShouldStartWith("event loop 'loop under test': ");
        var crawl = Only(tree, "group 'crawl'");
        crawl.State.ShouldBe("3 unfinished");
        var fetch = Only(crawl, "task 'fetch'");
        fetch.State.ShouldBe("running");
        fetch.Awaits.Count.ShouldBe(3);
        fetch.Awaits[0].ShouldStartWith("TaskTreeTests.OuterAsync (TaskTreeTests.cs:");
        fetch.Awaits[1].ShouldStartWith("TaskTreeTests.InnerAsync (TaskTreeTests.cs:");
        fetch.Awaits[2].ShouldBe("a sleep");
        var nested = Only(Only(crawl, "task 'parent'"), "group 'nested'");
        Only(nested, "task 'leaf'").Awaits[^1].ShouldBe("a sleep");
        Only(crawl, "task 'held back'").State.ShouldBe("waits for its turn");
        text.ShouldContain("└─ ");
        text.ShouldContain("awaits at TaskTreeTests.OuterAsync");
    });

    [ThreadFact]
    public async Task The_lines_are_those_of_the_awaits() => await RunAsync(static async () =>
    {
        int first = LineHere() + 4, second = first + 1;
        var lines = new List<string>();
        var work = EventLoop.Current!.Submit(static async () =>
        {
            await SleepAsync(1);
            await SleepAsync(1);
        });
        await Task.Yield();
        lines.Add(await AwaitsAsync());
        await SleepAsync(1.5);
        lines.Add(await AwaitsAsync());
        await work;
        lines[0].ShouldEndWith($"(TaskTreeTests.cs:{first})");
        lines[1].ShouldEndWith($"(TaskTreeTests.cs:{second})");

        static async Task<string> AwaitsAsync() => Only(await EventLoop.Current!.GetTaskTreeAsync(), "submitted task").Awaits[0];
    });

    [ThreadFact]
    public async Task The_tree_can_be_had_from_another_thread()
    {
        await using var loop = new EventLoop(Real);
        var never = new TaskCompletionSource();
        var future = loop.Submit(() => never.Task, new() { Name = "stuck" });
        TaskTreeNode tree;
        do tree = await loop.GetTaskTreeAsync().WaitAsync(TestTimeout.Wait);
        while (tree.Children.Count == 0);
        Only(tree, "submitted task 1 'stuck'").Awaits.ShouldHaveSingleItem().ShouldContain("TaskCompletionSource");
        never.SetResult();
        await future;
    }

    [ThreadFact]
    public async Task A_deadlock_is_reported_with_what_each_task_waits_for()
    {
        var error = await CaughtAsync(RunAsync(static async () =>
        {
            var never = new TaskCompletionSource();
            await TaskGroup.RunAsync(group =>
            {
                group.Run(() => WaitForAsync(never.Task), "the waiter");
                group.Run(async () => await never.Task.WaitAsync(CancellationToken.None), "another");
            });
        }));
        string message = error.ShouldBeOfType<LoopDeadlockException>().Message;
        message.ShouldContain("main work TaskTreeTests.A_deadlock_is_reported_with_what_each_task_waits_for");
        message.ShouldContain("task 'the waiter' (TaskTreeTests.cs:");
        message.ShouldContain("TaskTreeTests.WaitForAsync (TaskTreeTests.cs:");
        message.ShouldContain("TaskCompletionSource");
    }

    [ThreadFact]
    public async Task Long_chains_and_tasks_that_await_each_other_end_the_snapshot_and_not_the_program() => await RunAsync(static async () =>
    {
        var first = new TaskCompletionSource<Task>();
        var ring = RingAsync(first.Task);
        first.SetResult(ring);
        var deep = DeepAsync(500);
        var loop = EventLoop.Current!;
        var futures = new[] { loop.Submit(() => ring), loop.Submit(() => deep) };
        await Task.Yield();
        var tree = await loop.GetTaskTreeAsync();
        tree.Children.Where(static child => child.Label.StartsWith("submitted", StringComparison.Ordinal)).ShouldAllBe(static child => child.Awaits.Count == 101);
        await deep;
        futures[0].Cancel();

        static async Task RingAsync(Task<Task> of) => await await of;

        static async Task DeepAsync(int left)
        {
            if (left == 0) await SleepAsync(1);
            else await DeepAsync(left - 1);
        }
    });

    private static async Task OuterAsync()
    {
        await Task.Yield();
        await InnerAsync();
    }

    private static async Task InnerAsync() => await EventLoop.SleepAsync(TimeSpan.FromSeconds(5));

    private static async Task WaitForAsync(Task task) => await task;

    private static int LineHere([System.Runtime.CompilerServices.CallerLineNumber] int line = 0) => line;

    private static TaskTreeNode Only(TaskTreeNode node, string label) =>
        node.Children.Where(child => child.Label.StartsWith(label, StringComparison.Ordinal)).ShouldHaveSingleItem();
}

file static class TreeTiming
{
    /// <summary>Looks half a second into the work.</summary>
    public static async Task WithTreeAsync(this Task work, Func<Task> look)
    {
        await EventLoop.SleepAsync(TimeSpan.FromSeconds(0.5));
        await look();
        await work;
    }
}
