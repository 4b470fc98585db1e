using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Tests.Contract;

namespace Samovar.Tests.Cluster;

/// <summary>What an actor on a cluster does beyond the contract of every actor.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterActorTests
{
    [ProcessFact]
    public async Task The_creation_waits_for_the_first_node_and_can_be_cancelled()
    {
        await using var cluster = new ClusterUnderTest();
        using var source = new CancellationTokenSource();
        var canceled = cluster.Executor.CreateActorAsync(static () => new TestModel(), cancellationToken: source.Token);
        var waiting = cluster.Executor.CreateActorAsync(static () => new TestModel());
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(canceled);
        waiting.IsCompleted.ShouldBeFalse();

        await cluster.StartNodeAsync("node");

        await using var actor = await waiting;
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task More_than_one_call_at_a_time_is_refused()
    {
        await using var cluster = new ClusterUnderTest();
        var error = await Should.ThrowAsync<NotSupportedException>(async () => await cluster.Executor.CreateActorAsync(static () => new TestModel(), new() { Concurrency = 2 }));
        error.Message.ShouldContain("Concurrency of 2");
        error.Message.ShouldContain("'owner'");
        cluster.Executor.Core.MemberCount.ShouldBe(0);
    }

    [ProcessFact]
    public async Task An_actor_takes_no_worker_from_the_tasks_and_does_not_count_as_one()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node");
        ProcessGate started = cluster.NewGate(), release = cluster.NewGate();
        await using var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel());
        var call = actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);

        cluster.Executor.GetStatistics().Submitted.ShouldBe(1);
        (actor.GetStatistics().Calls, actor.GetStatistics().Running).ShouldBe((1, 1));
        node.Running.ShouldBe(0);
        release.Open();
        await call;
    }

    [ProcessFact]
    public async Task Long_work_and_long_results_travel_as_blobs_and_keep_their_places()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        await using var actor = await cluster.Executor.CreateActorAsync(static () => new List<int>());
        byte[] content = new byte[3_000_000];
        content[^1] = 7;
        var lengths = Enumerable.Range(0, 6).Select(i => i % 2 == 0
            ? actor.CallAsync(list => { list.Add(content[^1] + i); return list.Count; })
            : actor.CallAsync(list => { list.Add(i); return list.Count; })).ToList();
        var copy = actor.CallAsync(static list => new byte[2_000_000 + list.Count]);

        (await Futures.WhenAll(lengths)).ShouldBe([1, 2, 3, 4, 5, 6]);
        (await copy).Length.ShouldBe(2_000_006);
        (await actor.CallAsync(static list => list.ToArray())).ShouldBe([7, 1, 9, 3, 11, 5]);
    }

    [ProcessFact]
    public async Task A_call_reports_progress_and_sees_the_token_that_it_captured()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        await using var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel());
        using var source = new CancellationTokenSource();
        var token = source.Token;
        var reported = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        IProgress<int> progress = new DirectProgress(reported);
        var call = actor.CallAsync(async model =>
        {
            progress.Report(model.Add(5));
            await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return TaskContext.Current!.Name;
        }, new() { Name = "reporting" });
        (await reported.Task.WaitAsync(TestTimeout.Wait)).ShouldBe(1);
        await source.CancelAsync();
        (await call).ShouldBe("reporting");
    }

    [ProcessFact]
    public async Task A_bounded_queue_refuses_calls_that_do_not_fit()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        ProcessGate started = cluster.NewGate(), release = cluster.NewGate();
        await using var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), new() { QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        var running = actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        var queued = actor.CallAsync(static model => model.Add(1));
        Should.Throw<QueueFullException>(() => actor.CallAsync(static model => model.Add(2)));
        release.Open();
        (await queued).ShouldBe(1);
        await running;
    }

    [ProcessFact]
    public async Task The_worker_exits_and_no_connection_is_left_when_the_actor_has_ended()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: false);
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), new() { Name = "model" });
        using var worker = Process.GetProcessById(await actor.CallAsync(static model => model.Process));

        await actor.DisposeAsync();

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TestTimeout.Wait, CancellationToken.None);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await cluster.Transport.Of("owner/model").GetQueueDepthAsync());
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    private sealed class DirectProgress(TaskCompletionSource<int> reported) : IProgress<int>
    {
        public void Report(int value) => reported.TrySetResult(value);
    }
}
