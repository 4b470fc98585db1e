using System.Text.Json;
using Samovar.Diagnostics.Recording;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>The work of failed tasks runs again when a watcher requests it, and is kept only in a limited number, while such a watcher is connected.</summary>
[Collection(nameof(Watcher))]
public sealed class RetryTests
{
    private static int s_spills;

    [ThreadFact]
    public async Task A_failed_task_runs_again_as_a_new_task_and_remains_failed()
    {
        await using var executor = new ThreadExecutor(new() { Name = "again", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        int runs = 0;
        var task = executor.Submit(() => ++runs == 1 ? throw new FormatException("spilt") : runs, new TaskOptions { Name = "pour" });
        await task.EndedAsync();
        int number = await NumberAsync(watcher, "again");
        var before = await TaskAsync(watcher, number, 1);

        var reply = await RetryAsync(watcher, number, 1);
        await watcher.PictureAsync(picture => Watcher.Executor(picture, "again")!.Value.GetProperty("succeeded").GetInt64() == 1);

        before.GetProperty("retryable").GetBoolean().ShouldBeTrue();
        reply.GetProperty("done").GetBoolean().ShouldBeTrue();
        reply.GetProperty("tasks")[0].GetInt64().ShouldBe(2);
        runs.ShouldBe(2);
        task.State.ShouldBe(FutureState.Failed);
        var failed = await TaskAsync(watcher, number, 1);
        failed.GetProperty("retriedAs").GetInt64().ShouldBe(2);
        failed.GetProperty("retryable").GetBoolean().ShouldBeFalse();
        failed.GetProperty("task").GetProperty("state").GetString().ShouldBe("failed");
        var again = (await TaskAsync(watcher, number, 2)).GetProperty("task");
        again.GetProperty("retryOf").GetInt64().ShouldBe(1);
        again.GetProperty("name").GetString().ShouldBe("pour");
        again.GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [ThreadFact]
    public async Task A_failed_task_is_retried_once()
    {
        await using var executor = new ThreadExecutor(new() { Name = "once", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        await executor.Submit(Spill).EndedAsync();
        int number = await NumberAsync(watcher, "once");

        (await RetryAsync(watcher, number, 1)).GetProperty("done").GetBoolean().ShouldBeTrue();
        var second = await RetryAsync(watcher, number, 1);

        second.GetProperty("done").GetBoolean().ShouldBeFalse();
        second.GetProperty("why").GetString().ShouldBe("Task 1 was retried already, as task 2.");
        executor.GetStatistics().Submitted.ShouldBe(2);
    }

    [ThreadFact]
    public async Task All_failures_of_a_group_are_retried_and_others_are_not()
    {
        await using var executor = new ThreadExecutor(new() { Name = "grouped", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        for (int i = 0; i < 3; i++) await executor.Submit(Spill).EndedAsync();
        await executor.Submit(static () => throw new InvalidOperationException("burnt")).EndedAsync();
        int number = await NumberAsync(watcher, "grouped");
        var group = await GroupAsync(watcher, number, "System.FormatException");

        group.GetProperty("retryable").GetInt32().ShouldBe(3);
        var reply = await watcher.AskAsync(
            $"\"what\":\"retry\",\"executor\":{number},\"function\":{group.GetProperty("function").GetRawText()},\"type\":\"System.FormatException\",\"frame\":{group.GetProperty("frame").GetRawText()}");
        await watcher.PictureAsync(picture => Watcher.Executor(picture, "grouped")!.Value.GetProperty("failed").GetInt64() == 7);

        reply.GetProperty("retried").GetInt32().ShouldBe(3);
        reply.GetProperty("tasks").EnumerateArray().Select(static task => task.GetInt64()).ShouldBe([5, 6, 7]);
        group = await GroupAsync(watcher, number, "System.FormatException");
        group.GetProperty("retried").GetInt32().ShouldBe(3);
        group.GetProperty("retryable").GetInt32().ShouldBe(3); // the new tasks failed as well
        group.GetProperty("tasks").EnumerateArray().Single(static task => task.GetProperty("id").GetInt64() == 1).GetProperty("retriedAs").GetInt64().ShouldBe(5);
    }

    [ThreadFact]
    public async Task The_error_of_a_retried_task_is_not_reported_as_unobserved()
    {
        await using var executor = new ThreadExecutor(new() { Name = "observed", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        await executor.Submit(Spill).EndedAsync();
        int number = await NumberAsync(watcher, "observed");
        await RetryAsync(watcher, number, 1);
        await watcher.PictureAsync(picture => Watcher.Executor(picture, "observed")!.Value.GetProperty("failed").GetInt64() == 2);
        await Task.Yield();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        executor.GetStatistics().UnobservedFailures.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Tasks_of_worker_processes_and_loops_and_items_of_maps_are_retried()
    {
        await using var presses = new ProcessExecutor(new() { Name = "retried presses", Workers = 1 });
        await using var loop = new EventLoop(new() { Name = "retried loop" });
        await using var threads = new ThreadExecutor(new() { Name = "retried items", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        await presses.Submit(Spill).EndedAsync();
        await loop.Submit(static async () => { await Task.Yield(); throw new FormatException("spilt"); }).EndedAsync();
        await Should.ThrowAsync<Exception>(async () => await threads.ForEachAsync([7], static item => throw new FormatException($"item {item}")));

        foreach (string name in new[] { "retried presses", "retried loop", "retried items" })
        {
            int number = await NumberAsync(watcher, name);
            var reply = await RetryAsync(watcher, number, 1);
            reply.GetProperty("done").GetBoolean().ShouldBeTrue(reply.GetRawText());
            await watcher.PictureAsync(picture => Watcher.Executor(picture, name)!.Value.GetProperty("failed").GetInt64() == 2);
            var again = (await TaskAsync(watcher, number, 2)).GetProperty("task");
            again.GetProperty("type").GetString().ShouldBe("System.FormatException");
            if (name == "retried items") again.GetProperty("message").GetString().ShouldBe("item 7");
            again.GetProperty("function").GetString()!.ShouldStartWith("RetryTests.");
        }
    }

    [ThreadFact]
    public async Task A_full_queue_does_not_hold_up_the_watcher()
    {
        await using var executor = new ThreadExecutor(new() { Name = "full", Workers = 1, QueueCapacity = 1, QueueFullMode = QueueFullMode.Wait });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        using var gate = new ManualResetEventSlim();
        await executor.Submit(Spill).EndedAsync();
        int number = await NumberAsync(watcher, "full");
        var held = executor.Submit(token => gate.Wait(token));
        await watcher.PictureAsync(picture => Watcher.Executor(picture, "full")!.Value.GetProperty("running").GetInt64() == 1);
        var queued = executor.Submit(static () => 1);

        (await RetryAsync(watcher, number, 1)).GetProperty("done").GetBoolean().ShouldBeTrue();

        gate.Set();
        await held;
        await queued;
        await executor.DrainAsync(TestContext.Current.CancellationToken);
        executor.GetStatistics().Failed.ShouldBe(2);
    }

    [ThreadFact]
    public async Task Nothing_is_kept_without_a_watcher_that_may_retry()
    {
        await using var executor = new ThreadExecutor(new() { Name = "unkept", Workers = 1 });
        var unwatched = await FailAsync(executor);
        await using (var reader = await Watcher.StartAsync())
        {
            var read = await FailAsync(executor);
            await CollectedAsync(executor, unwatched);
            await CollectedAsync(executor, read);
            int number = await NumberAsync(reader, "unkept");
            (await TaskAsync(reader, number, 2)).GetProperty("retryable").GetBoolean().ShouldBeFalse();
            (await RetryAsync(reader, number, 2)).GetProperty("error").GetString()!.ShouldContain("may only read");
        }

        WeakReference kept;
        await using (await Watcher.StartAsync(allowsCommands: true))
        {
            kept = await FailAsync(executor);
            await executor.Submit(static () => { }); // the worker has forgotten the failed task
            GC.Collect();
            kept.IsAlive.ShouldBeTrue();
        }

        await CollectedAsync(executor, kept);
    }

    [ThreadFact]
    public async Task An_executor_that_was_shut_down_keeps_nothing_and_refuses()
    {
        var executor = new ThreadExecutor(new() { Name = "closed", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        using var gate = new ManualResetEventSlim();
        var failed = await FailAsync(executor);
        int number = await NumberAsync(watcher, "closed");
        var held = executor.Submit(token => gate.Wait(token));
        var ended = executor.ShutdownAsync(ShutdownMode.Drain);

        var reply = await RetryAsync(watcher, number, 1);

        reply.GetProperty("done").GetBoolean().ShouldBeFalse();
        reply.GetProperty("why").GetString().ShouldBe("Executor 'closed' has been shut down and accepts no more work.");
        gate.Set();
        await held;
        await ended;
        await TestTimeout.UntilAsync(() => { GC.Collect(); return !failed.IsAlive; });
        (await RetryAsync(watcher, number, 1)).GetProperty("why").GetString().ShouldBe("The executor has stopped.");
    }

    [ThreadFact]
    public async Task Work_of_an_inline_executor_is_not_kept()
    {
        await using var executor = new InlineExecutor(new() { Name = "inline" });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        await executor.Submit(Spill).EndedAsync();
        int number = await NumberAsync(watcher, "inline");

        (await RetryAsync(watcher, number, 1)).GetProperty("why").GetString()!.ShouldContain("runs work on the thread that submits it");
    }

    [ThreadFact]
    public async Task Only_the_newest_work_is_kept()
    {
        await using var executor = new ThreadExecutor(new() { Name = "many", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        for (int i = 0; i < WorkKeeper.Most + 5; i++) await executor.Submit(Spill).EndedAsync();
        int number = await NumberAsync(watcher, "many");

        (await GroupAsync(watcher, number, "System.FormatException")).GetProperty("retryable").GetInt32().ShouldBe(WorkKeeper.Most);
        (await RetryAsync(watcher, number, 5)).GetProperty("why").GetString()!.ShouldContain("The work of task 5 is not kept.");
        (await RetryAsync(watcher, number, 6)).GetProperty("done").GetBoolean().ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Work_is_kept_up_to_a_size()
    {
        await using var executor = new ThreadExecutor(new() { Name = "large", Workers = 1 });
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        await FailWithAsync(executor, new byte[(int)WorkKeeper.MostBytes + 1]);
        for (int i = 0; i < 3; i++) await FailWithAsync(executor, new byte[(int)WorkKeeper.MostBytes / 2]);
        int number = await NumberAsync(watcher, "large");

        var group = await GroupAsync(watcher, number, "System.FormatException");

        group.GetProperty("tasks").EnumerateArray().Where(static task => task.GetProperty("retryable").GetBoolean()).Select(static task => task.GetProperty("id").GetInt64()).ShouldBe([4, 3]);
    }

    private static async Task FailWithAsync(ThreadExecutor executor, byte[] milk) => await executor.Submit(() => Drop(milk)).EndedAsync();

    private static void Drop(byte[] milk) => throw new FormatException($"{milk.Length} spilt");

    private static async Task<WeakReference> FailAsync(ThreadExecutor executor)
    {
        object captured = new();
        await executor.Submit(() => Fail(captured)).EndedAsync();
        return new WeakReference(captured);
    }

    private static void Fail(object captured) => throw new FormatException(captured.GetType().Name);

    private static async Task CollectedAsync(ThreadExecutor executor, WeakReference captured)
    {
        await executor.Submit(static () => { }); // the worker has forgotten the failed task
        await TestTimeout.UntilAsync(() => { GC.Collect(); return !captured.IsAlive; });
    }

    private static void Spill() => throw new FormatException($"spilt {Interlocked.Increment(ref s_spills)} times");

    private static async Task<int> NumberAsync(Watcher watcher, string name)
    {
        var picture = await watcher.PictureAsync(picture => Watcher.Executor(picture, name) is { } executor && executor.GetProperty("recorded").GetInt64() > 0);
        return Watcher.Executor(picture, name)!.Value.GetProperty("id").GetInt32();
    }

    private static Task<JsonElement> TaskAsync(Watcher watcher, int executor, long task) => watcher.AskAsync($"\"what\":\"task\",\"executor\":{executor},\"id\":{task}");

    private static Task<JsonElement> RetryAsync(Watcher watcher, int executor, long task) => watcher.AskAsync($"\"what\":\"retry\",\"executor\":{executor},\"id\":{task}");

    private static async Task<JsonElement> GroupAsync(Watcher watcher, int executor, string type)
    {
        var failures = await watcher.AskAsync("\"what\":\"failures\",\"limit\":100");
        return failures.GetProperty("groups").EnumerateArray().Single(group => group.GetProperty("executor").GetInt32() == executor && group.GetProperty("type").GetString() == type);
    }
}
