using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Serialization;

namespace Samovar.Tests.Cluster;

/// <summary>What a cluster does beyond the contract of every executor.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterExecutorTests
{
    [ProcessFact]
    public async Task A_task_that_captures_an_actor_is_refused_and_says_why()
    {
        await using var cluster = new ClusterUnderTest();
        await using var threads = new ThreadExecutor();
        await using var actor = await threads.CreateActorAsync(static () => new List<int>());
        Should.Throw<UnshippableException>(() => Submit(cluster.Executor, actor)).Message.ShouldContain("call it there and pass the result");

        static Future Submit(Executor executor, Actor<List<int>> actor) => executor.Submit(() => actor.CallAsync(static list => list.Add(1)).Wait());
    }

    [ProcessFact]
    public async Task Tasks_wait_for_the_first_node()
    {
        await using var cluster = new ClusterUnderTest();
        var futures = Enumerable.Range(0, 100).Select(i => cluster.Executor.Submit(() => i * 2)).ToList();
        futures.ShouldAllBe(static future => future.State == FutureState.Queued);

        await cluster.StartNodeAsync("node");

        (await Futures.WhenAll(futures)).ShouldBe(Enumerable.Range(0, 100).Select(static i => i * 2));
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task A_task_that_was_cancelled_in_the_queue_never_runs()
    {
        await using var cluster = new ClusterUnderTest();
        var ran = cluster.NewGate();
        var future = cluster.Executor.Submit(Opening(ran));
        await cluster.Executor.ConnectAsync();
        var connection = cluster.Transport.Of("owner");
        await QueueDepthAssert.BecomesAsync(connection, new ClusterQueueDepth(0, 1, 0, 0));

        future.Cancel().ShouldBeTrue();
        future.State.ShouldBe(FutureState.Canceled);
        await cluster.StartNodeAsync("node");
        await cluster.Executor.Submit(static () => 1);

        ran.IsOpen.ShouldBeFalse();
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task Tasks_of_one_message_spread_over_idle_nodes()
    {
        await using var cluster = new ClusterUnderTest();
        var release = cluster.NewGate();
        var started = Enumerable.Range(0, 3).Select(_ => cluster.NewGate()).ToArray();
        var futures = started.Select(gate => cluster.Executor.Submit(OpeningAndPassing(gate, release))).ToList();
        for (int i = 0; i < 3; i++) await cluster.StartNodeAsync($"node-{i}");

        foreach (var gate in started) await gate.PassAsync(); // all three run at the same time, each on its own node

        release.Open();
        await Futures.WhenAll(futures);
        futures.Select(static future => future.Worker!.Name).Distinct().Count().ShouldBe(3);
    }

    [ProcessFact]
    public async Task A_worker_that_becomes_free_gets_a_task_while_the_other_workers_run_long_ones()
    {
        const int workers = 8;
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", workers);
        var release = Enumerable.Range(0, workers + 1).Select(_ => cluster.NewGate()).ToArray();
        var started = release.Select(_ => cluster.NewGate()).ToArray();
        var futures = started.Select((gate, i) => cluster.Executor.Submit(OpeningAndPassing(gate, release[i]))).ToList();
        for (int i = 0; i < workers; i++) await started[i].PassAsync();

        release[0].Open();
        await started[workers].PassAsync(); // seven others still run

        foreach (var gate in release) gate.Open();
        await Futures.WhenAll(futures);
    }

    [ProcessFact]
    public async Task A_crash_costs_one_task()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", workers: 1, inProcess: false);
        var before = cluster.Executor.Submit(static () => 1);
        var crash = cluster.Executor.Submit(static () => Environment.FailFast("on purpose"));
        var after = cluster.Executor.Submit(static () => 2);

        (await before).ShouldBe(1);
        var error = await Should.ThrowAsync<WorkerCrashedException>(async () => await crash);
        error.TaskId.ShouldBe(crash.Id);
        error.ErrorOutput.ShouldContain("on purpose");
        (await after).ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_captured_token_stays_connected()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using var source = new CancellationTokenSource();
        var started = cluster.NewGate();
        var never = cluster.NewGate();
        var future = cluster.Executor.Submit(WaitingFor(source.Token, started, never));
        await started.PassAsync();

        await source.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await future);
    }

    [ProcessFact]
    public async Task A_captured_progress_reports_to_its_owner()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        var reports = new Reports();
        await cluster.Executor.Submit(Reporting(reports));
        reports.Values.ShouldBe([1, 2, 3]);
    }

    [ProcessFact]
    public async Task Work_continues_the_activity_of_its_submitter()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using var activity = new Activity("submitting").Start();
        string? trace = await cluster.Executor.Submit(static () => Activity.Current?.TraceId.ToString());
        trace.ShouldBe(activity.TraceId.ToString());
    }

    [ProcessFact]
    public async Task What_the_items_of_a_map_share_is_one_object_in_a_worker()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        byte[] captured = new byte[1 << 20];
        var seen = new HashSet<int>();
        await foreach (int identity in cluster.Executor.Map(Enumerable.Range(0, 100), i => RuntimeHelpers.GetHashCode(captured))) seen.Add(identity);
        seen.Count.ShouldBe(1); // the worker has one copy
    }

    [ProcessFact]
    public async Task A_worker_knows_its_node_and_its_process()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", workers: 1, inProcess: false);
        var future = cluster.Executor.Submit(static () => Environment.ProcessId);
        int process = await future;
        future.Worker!.ProcessId.ShouldBe(process);
        future.Worker.Name.ShouldBe("owner node #1");
    }

    [ProcessFact]
    public async Task A_map_runs_over_several_nodes()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node-1", workers: 2);
        await cluster.StartNodeAsync("node-2", workers: 2);
        int[] offsets = [.. Enumerable.Range(0, 1000)];
        List<int> results = [];
        await foreach (int result in cluster.Executor.Map(Enumerable.Range(0, 2000), i => offsets[i % 1000] + 1)) results.Add(result);
        results.ShouldBe(Enumerable.Range(0, 2000).Select(static i => (i % 1000) + 1));
        cluster.Executor.GetStatistics().Succeeded.ShouldBe(2000);
    }

    [ProcessFact]
    public async Task Two_owners_share_a_node()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", workers: 2);
        await using var other = new ClusterExecutor(cluster.Transport, new() { Name = "other" });
        var first = Enumerable.Range(0, 50).Select(i => cluster.Executor.Submit(() => new Sum(i, 1))).ToList();
        var second = Enumerable.Range(0, 50).Select(i => other.Submit(() => new Difference(i, 1))).ToList();
        (await Futures.WhenAll(first)).Select(static sum => sum.Value).ShouldBe(Enumerable.Range(1, 50));
        (await Futures.WhenAll(second)).Select(static difference => difference.Value).ShouldBe(Enumerable.Range(-1, 50));
    }

    [ProcessFact]
    public async Task A_broker_that_is_absent_is_reported_by_each_task_and_tasks_are_accepted_again_when_it_is_there()
    {
        var transport = new RecordingTransport { Refusal = new ClusterConnectionException("The broker is not there. Start it.") };
        await using var executor = new ClusterExecutor(transport, new() { ConnectTimeout = TimeSpan.Zero });
        await Should.ThrowAsync<ClusterConnectionException>(() => executor.ConnectAsync());
        Should.Throw<ClusterConnectionException>(() => executor.Submit(static () => 1)).Message.ShouldBe("The broker is not there. Start it.");
        executor.GetStatistics().StartError.ShouldBe("The broker is not there. Start it.");

        transport.Refusal = null;
        await TestTimeout.UntilAsync(() => executor.GetStatistics().StartError is null);
        await using var node = new ClusterNode(transport, new() { Workers = 1, WorkerOptions = new() { InProcess = true } });
        await node.StartAsync();
        (await executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ThreadFact]
    public void A_transport_that_leaves_the_machine_needs_a_key()
    {
        var remote = new RemoteTransport();
        Should.Throw<InvalidOperationException>(() => new ClusterExecutor(remote)).Message.ShouldContain("ClusterExecutorOptions.Keys");
        Should.Throw<InvalidOperationException>(() => new ClusterNode(remote)).Message.ShouldContain("ClusterNodeOptions.Keys");
    }

    private static Action Opening(ProcessGate gate) => () => gate.Open();

    private static Func<int> OpeningAndPassing(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
        return 0;
    };

    private static Action WaitingFor(CancellationToken token, ProcessGate started, ProcessGate never) => () =>
    {
        started.Open();
        never.Pass(token);
    };

    private static Action Reporting(IProgress<int> progress) => () =>
    {
        for (int i = 1; i <= 3; i++) progress.Report(i);
    };

    private sealed record Sum(int Left, int Right)
    {
        public int Value => Left + Right;
    }

    private sealed record Difference(int Left, int Right)
    {
        public int Value => Left - Right;
    }

    private sealed class Reports : IProgress<int>
    {
        private readonly List<int> _values = [];

        public IEnumerable<int> Values
        {
            get
            {
                lock (_values) return [.. _values];
            }
        }

        public void Report(int value)
        {
            lock (_values) _values.Add(value);
        }
    }

    private sealed class RemoteTransport : ClusterTransport
    {
        public override string Endpoint => "amqps://broker.example";

        public override bool IsLocal => false;

        public override Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("The key was not required.");
    }
}
