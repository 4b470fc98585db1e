using Samovar.Tests.Diagnostics.Watching;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics.Timelines;

/// <summary>What a trace has of the tasks of executors in this process; TraceTests of processes has the rest.</summary>
[Collection(nameof(Watcher))]
public sealed class TraceTests
{
    [ThreadFact]
    public async Task Each_task_has_a_slice_in_the_lane_of_its_worker_and_an_arrow()
    {
        await using var executor = new ThreadExecutor(new() { Name = "traced", Workers = 2 });

        var trace = await TraceAsync("traced", async () =>
        {
            for (int i = 0; i < 5; i++) await executor.Submit(Brew, new TaskOptions { Name = $"cup {i}" });
            await executor.Submit(Spill).EndedAsync();
        });

        trace.Runs.Select(static run => run.GetProperty("args").GetProperty("outcome").GetString()).Order().ShouldBe(["Failed", .. Enumerable.Repeat("Succeeded", 5)]);
        trace.Runs.ShouldAllBe(run => trace.LaneOf(run).StartsWith("traced #"));
        trace.Of("s").Count().ShouldBe(6);
        trace.Of("C").ShouldNotBeEmpty();
        trace.Runs.Single(static run => run.GetProperty("args").GetProperty("outcome").GetString() == "Failed")
            .GetProperty("args").GetProperty("error").GetString().ShouldBe("System.FormatException");
    }

    [ThreadFact]
    public async Task A_task_that_waits_for_others_of_its_executor_contains_their_slices()
    {
        await using var executor = new ThreadExecutor(new() { Name = "nested", Workers = 1 });

        var trace = await TraceAsync("nested", async () => await executor.Submit(() =>
        {
            var inner = executor.Submit(Brew);
            return inner.Result + executor.Submit(Brew).Result;
        }));

        trace.Runs.Count.ShouldBe(3); // the parser has checked the nesting
    }

    [ThreadFact]
    public async Task The_attempts_of_a_task_share_an_arrow()
    {
        await using var executor = new ThreadExecutor(new() { Name = "retried", Workers = 1 });

        var trace = await TraceAsync("retried", async () =>
            await executor.Submit(Spill, new TaskOptions { Retry = new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.Zero } }).EndedAsync());

        trace.Runs.Select(static run => run.GetProperty("args").GetProperty("outcome").GetString()).ShouldBe(["Retried", "Retried", "Failed"]);
        trace.Of("t").Select(static step => step.GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        trace.Of("t").Count().ShouldBe(3);
    }

    [ThreadFact]
    public async Task The_tasks_of_a_loop_overlap()
    {
        await using var loop = new EventLoop(new() { Name = "looping" });
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var trace = await TraceAsync("looping", async () =>
        {
            var waiting = loop.Submit(async () => await gate.Task);
            await loop.Submit(Brew);
            gate.SetResult();
            await waiting;
        });

        trace.Of("b").Count().ShouldBe(2);
        trace.Runs.ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task A_stream_that_fails_is_reported_when_the_recorder_is_disposed()
    {
        var recorder = TraceRecorder.Start(new FullStream());

        (await Should.ThrowAsync<IOException>(async () => await recorder.DisposeAsync())).Message.ShouldBe("the disk is full");
    }

    private static async Task<ParsedTrace> TraceAsync(string executor, Func<Task> work)
    {
        var stream = new MemoryStream();
        await using (TraceRecorder.Start(stream)) await work();
        return new ParsedTrace(stream.ToArray(), executor);
    }

    private static int Brew() => 1;

    private static void Spill() => throw new FormatException("spilt");

    private sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("the disk is full");
    }
}
