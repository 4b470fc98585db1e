using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;

namespace Samovar.Tests.Cluster;

/// <summary>Resources of nodes, in cases that the contract of executors does not have: several nodes, several executors, nodes that leave or are lost.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterResourceTests
{
    private static readonly TaskOptions s_one = new() { Requires = { ["gpu"] = 1 } };
    private static readonly int[] s_units = new int[3]; // ten-thousandths in use of each GPU; the workers are threads of this process
    private static readonly ConcurrentQueue<string> s_overdrawn = new();

    [ProcessFact]
    public async Task Executors_together_never_use_more_than_a_node_has()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node", workers: 4, options: new() { Resources = { ["gpu"] = 3, ["memory"] = 1000 } });
        await using var other = new ClusterExecutor(cluster.Transport, new() { Name = "other" });
        var random = new Random(1);
        var futures = new List<Future>();
        for (int i = 0; i < 400; i++)
        {
            int gpu = random.Next(3) switch { 0 => 2500, 1 => 10_000, _ => 20_000 };
            var options = new TaskOptions { Requires = { ["gpu"] = gpu / 10_000.0 }, Priority = (TaskPriority)random.Next(-1, 2) };
            if (random.Next(2) == 0) options.Requires["memory"] = random.Next(1, 1001);
            futures.Add((i % 2 == 0 ? cluster.Executor : other).Submit(() => UseGpus(gpu), options));
            if (random.Next(10) == 0) futures[random.Next(futures.Count)].Cancel();
        }

        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        futures.ShouldAllBe(static future => future.State == FutureState.Succeeded || future.State == FutureState.Canceled);
        s_overdrawn.ShouldBeEmpty();
        await TestTimeout.UntilAsync(() => node.GetStatistics().Resources.All(static one => one.InUse == 0 && one.Waiting == 0));
        cluster.Executor.GetStatistics().Resources.ShouldAllBe(static one => one.Waiting == 0);
    }

    [ProcessFact]
    public async Task A_task_runs_on_a_node_that_has_all_its_resources()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("small", workers: 2, options: new() { Resources = { ["gpu"] = 1 } });
        await cluster.StartNodeAsync("big", workers: 4, options: new() { Resources = { ["gpu"] = 4 } });
        await cluster.StartNodeAsync("none", workers: 2);
        await UntilTotalAsync(cluster, 5);
        Gate started = cluster.NewGate(), release = cluster.NewGate();
        var holder = cluster.Executor.Submit(Holding(started, release), new() { Requires = { ["gpu"] = 4 } });
        await started.PassAsync();

        var waiting = cluster.Executor.Submit(static () => 3, new() { Requires = { ["gpu"] = 3 } }); // reserves on the big one
        var passing = cluster.Executor.Submit(static () => TaskContext.Current!.Resources["gpu"].Indexes[0], s_one);

        (await passing).ShouldBe(0);
        passing.Worker!.Name.ShouldContain("small");
        holder.Worker!.Name.ShouldContain("big");
        var gpu = cluster.Executor.GetStatistics().Resources.ShouldHaveSingleItem();
        (gpu.Total, gpu.InUse, gpu.Waiting, waiting.State).ShouldBe((5.0, 4.0, 1L, FutureState.Queued));
        release.Open();
        (await waiting).ShouldBe(3);
        waiting.Worker!.Name.ShouldContain("big");
        await holder;
    }

    [ProcessFact]
    public async Task What_another_executor_uses_is_known()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node", workers: 2, options: new() { Resources = { ["gpu"] = 1 } });
        await using var other = new ClusterExecutor(cluster.Transport, new() { Name = "other" });
        Gate started = cluster.NewGate(), release = cluster.NewGate();
        var holder = other.Submit(Holding(started, release), s_one);
        await started.PassAsync();
        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().Resources is [{ InUse: 1 }]);

        var waiting = cluster.Executor.Submit(static () => 7, s_one);

        cluster.Executor.GetStatistics().Resources[0].Waiting.ShouldBe(1); // not sent
        node.GetStatistics().Resources.ShouldBe([new ResourceStatistics("gpu", 1, 1, 0)]);
        release.Open();
        (await waiting).ShouldBe(7);
        await holder;
    }

    [ProcessFact]
    public async Task Tasks_wait_for_a_node_and_are_refused_when_the_nodes_are_known()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        var possible = cluster.Executor.Submit(static () => 1, s_one);
        var impossible = cluster.Executor.Submit(static () => 8, new() { Requires = { ["gpu"] = 8 } });
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(() =>
        {
            release.Pass();
            return 4;
        });
        var late = cluster.Executor.Submit(input, static input => 2 * input, new() { Requires = { ["gpu"] = 8 } });
        await cluster.StartNodeAsync("node", options: new() { Resources = { ["gpu"] = 2, ["memory"] = 5 } });

        (await possible).ShouldBe(1);
        impossible.State.ShouldBe(FutureState.Queued);
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return impossible.IsCompleted;
        });

        var error = await Should.ThrowAsync<InsufficientResourcesException>(async () => await impossible);
        (error.Resource, error.Required, error.Total).ShouldBe(("gpu", 8.0, 2.0));
        error.Message.ShouldBe(
            "The task requires 8 of the resource 'gpu', and no node of 'owner' has more than 2, so the task could never start. The nodes: node: gpu 2, memory 5. " +
            "Require less, or start a node with more in ClusterNodeOptions.Resources.");
        late.State.ShouldBe(FutureState.Queued);
        release.Open();
        (await Should.ThrowAsync<InsufficientResourcesException>(async () => await late)).Message.ShouldBe(error.Message);
        Should.Throw<InsufficientResourcesException>(() => cluster.Executor.Submit(static () => { }, new() { Requires = { ["tpu"] = 1 } })).Message.ShouldContain("'tpu', and no node of 'owner' has any");
        await cluster.StartNodeAsync("other", options: new() { Resources = { ["tpu"] = 1 } });
        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().Resources.Count == 3);
        (await cluster.Executor.Submit(static () => 9, new() { Requires = { ["tpu"] = 1 } })).ShouldBe(9);
        Should.Throw<InsufficientResourcesException>(() => cluster.Executor.Submit(static () => { }, new() { Requires = { ["tpu"] = 1, ["gpu"] = 1 } }))
            .Message.ShouldContain("no node of 'owner' has it together with all others that the task requires");
    }

    [ProcessFact]
    public async Task Only_the_node_that_a_task_was_sent_to_last_may_start_it()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await using var first = await ScriptedNode.ConnectAsync(cluster, "first");
        await using var second = await ScriptedNode.ConnectAsync(cluster, "second");
        await first.BroadcastAsync(first.Beacon(1, 0, 0) with { Resources = [new NodeResource("gpu", 10_000, 0, [])] });
        var future = cluster.Executor.Submit(static () => 1, s_one);
        var key = TasksMessage.Read((await first.MessagesAsync(MessageKind.Tasks))[0]).Tasks[0].Key;
        await second.BroadcastAsync(second.Beacon(1, 0, 0) with { Resources = [new NodeResource("gpu", 10_000, 0, [])] });
        await UntilTotalAsync(cluster, 2);
        await TestTimeout.UntilAsync(() =>
        {
            if (second.CountOf(MessageKind.Tasks) == 0) time.Advance(TimeSpan.FromSeconds(1));
            return second.CountOf(MessageKind.Tasks) > 0;
        });

        await first.ClaimAsync(key);
        VerdictMessage.Read((await first.MessagesAsync(MessageKind.Verdict))[0]).Start.ShouldBeEmpty();
        await second.ClaimAsync(key);
        VerdictMessage.Read((await second.MessagesAsync(MessageKind.Verdict))[0]).Start.ShouldHaveSingleItem().ShouldBe(key);
        future.State.ShouldBe(FutureState.Running);
        await second.ReportResultAsync(new ResultEntry(key, ResultStatus.Crashed, 1, 1, TimeSpan.Zero, PayloadWriter.OfError(new WorkerCrashedException("The end."))));
        await Should.ThrowAsync<WorkerCrashedException>(async () => await future);
    }

    [ProcessFact]
    public async Task A_task_that_its_node_does_not_claim_goes_to_another_one_and_starts_once()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await using var scripted = await ScriptedNode.ConnectAsync(cluster, "scripted");
        await scripted.BroadcastAsync(scripted.Beacon(1, 0, 0) with { Resources = [new NodeResource("gpu", 10_000, 0, [])] });
        var future = cluster.Executor.Submit(static () => TaskContext.Current!.Resources["gpu"].Amount, s_one);
        var message = TasksMessage.Read((await scripted.MessagesAsync(MessageKind.Tasks)).ShouldHaveSingleItem());
        message.Tasks.ShouldHaveSingleItem().Requires!.Amounts.ShouldBe([KeyValuePair.Create("gpu", 10_000L)]);
        await cluster.StartNodeAsync("node", options: new() { Resources = { ["gpu"] = 1 } });
        await UntilTotalAsync(cluster, 2);

        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return future.IsCompleted;
        });

        (await future).ShouldBe(1);
        future.Worker!.Name.ShouldContain("node");
        await scripted.ClaimAsync(message.Tasks[0].Key); // too late
        VerdictMessage.Read((await scripted.MessagesAsync(MessageKind.Verdict)).ShouldHaveSingleItem()).Start.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Tasks_of_a_node_that_leaves_before_it_starts_them_run_elsewhere()
    {
        await using var cluster = new ClusterUnderTest();
        var leaving = await cluster.StartNodeAsync("leaving", workers: 1, options: new() { Resources = { ["gpu"] = 2 } });
        Gate started = cluster.NewGate(), release = cluster.NewGate();
        var holder = cluster.Executor.Submit(Holding(started, release), s_one with { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        await started.PassAsync();
        var placed = cluster.Executor.Submit(static () => 7, s_one); // one GPU is free, and no worker
        await TestTimeout.UntilAsync(() => leaving.GetStatistics().Resources is [{ Waiting: 1 }]);
        await cluster.StartNodeAsync("staying", options: new() { Resources = { ["gpu"] = 1 } });
        await UntilTotalAsync(cluster, 3);

        var left = leaving.StopAsync();

        (await placed).ShouldBe(7);
        placed.Worker!.Name.ShouldContain("staying");
        release.Open();
        await left;
        await holder;
    }

    [ProcessFact]
    public async Task A_node_that_is_lost_takes_only_what_it_runs()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await using var scripted = await ScriptedNode.ConnectAsync(cluster, "scripted");
        await scripted.BroadcastAsync(scripted.Beacon(4, 0, 0) with { Resources = [new NodeResource("gpu", 20_000, 0, [])] });
        var running = cluster.Executor.Submit(static () => 1, s_one);
        var placed = cluster.Executor.Submit(static () => 2, s_one);
        var waiting = cluster.Executor.Submit(static () => 3, s_one);
        await TestTimeout.UntilAsync(() => scripted.CountOf(MessageKind.Tasks) > 0);
        await scripted.ClaimAsync(new TaskKey(running.Id, 1));
        await TestTimeout.UntilAsync(() => running.State == FutureState.Running);
        waiting.State.ShouldBe(FutureState.Queued);

        await scripted.BroadcastAsync(scripted.Beacon(4, 1, 0) with { State = NodeState.Gone });

        await Should.ThrowAsync<NodeLostException>(async () => await running);
        await cluster.StartNodeAsync("node", options: new() { Resources = { ["gpu"] = 1 } });
        (await placed).ShouldBe(2);
        (await waiting).ShouldBe(3);
    }

    [ProcessFact]
    public async Task A_node_returns_what_it_does_not_have()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node", options: new() { Resources = { ["gpu"] = 1 } });
        var receiver = new RecordingReceiver();
        await using var owner = await cluster.Transport.ConnectAsync(new ClusterMember("default", "stranger") { KeepsReplies = true }, receiver);
        var id = Guid.NewGuid();
        var seal = new EnvelopeSeal(null, "default", id, ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        var task = new TaskEntry(new TaskKey(7, 1), Samovar.Tasks.Core.DelegateKind.Synchronous, ClusterTaskFlags.None)
        {
            Requires = new TaskRequirements(TaskPriority.Normal, [new("gpu", 20_000)]),
        };
        var message = new TasksMessage(id, ProgramBuild.Current.Value, owner.Address, default, [], [task]);

        await owner.SendAsync(cluster.Transport.Of("node").Address, seal.Seal(MessageKind.Tasks, message.Write().Written.Span));
        await owner.SendAsync(cluster.Transport.Of("node").Address, seal.Seal(MessageKind.Tasks, (message with { Tasks = [task with { Requires = null }] }).Write().Written.Span));
        await owner.SendAsync(cluster.Transport.Of("node").Address, seal.Seal(MessageKind.Tasks, (message with { Owner = Guid.NewGuid() }).Write().Written.Span));

        await receiver.RepliesAsync(1);
        seal.Open(receiver.Replies[0], out var envelope).ShouldBe(EnvelopeVerdict.Valid);
        var result = ResultsMessage.Read(envelope.Body).Results.ShouldHaveSingleItem();
        (result.Key, result.Status).ShouldBe((task.Key, ResultStatus.Dropped));
        await TestTimeout.UntilAsync(() => node.RefusedMessages == 2);
    }

    [ProcessFact]
    public async Task Resources_belong_to_the_options_of_a_node()
    {
        var transport = new InMemoryTransport();
        Should.Throw<ArgumentException>(() => new ClusterNode(transport, new() { Name = "node", WorkerOptions = new() { Resources = { ["gpu"] = 1 } } }))
            .Message.ShouldStartWith("ClusterNodeOptions.WorkerOptions of node 'node' has resources (gpu 1).");
        Should.Throw<NotSupportedException>(static () => ClusterExecutor.InMemory(nodes: 1, workers: 1, new() { Name = "other", Resources = { ["gpu"] = 1 } }))
            .Message.ShouldStartWith("The options of 'other' have resources (gpu 1). In a cluster the nodes have them");
        await Task.CompletedTask;
    }

    private static void UseGpus(int amount)
    {
        int[] own = [.. TaskContext.Current!.Resources["gpu"].Indexes];
        foreach (int unit in own)
        {
            int used = Interlocked.Add(ref s_units[unit], amount / own.Length);
            if (used > 10_000) s_overdrawn.Enqueue($"{used} of GPU {unit}");
        }

        foreach (int unit in own) Interlocked.Add(ref s_units[unit], -amount / own.Length);
    }

    private static Action Holding(Gate started, Gate release) => () =>
    {
        started.Open();
        release.Pass();
    };

    private static Task UntilTotalAsync(ClusterUnderTest cluster, double total) =>
        TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().Resources.Sum(static one => one.Total) == total, $"nodes with {total} in total");
}
