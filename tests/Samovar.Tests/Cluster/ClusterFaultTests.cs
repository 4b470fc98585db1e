using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Cluster;

/// <summary>Nodes and owners that fail, connections that are interrupted, and messages that are wrong.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterFaultTests
{
    [ProcessFact]
    public async Task A_task_whose_node_is_silent_fails_and_one_with_a_retry_runs_elsewhere()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await cluster.StartNodeAsync("lost", workers: 2);
        var release = cluster.NewGate();
        var started = new[] { cluster.NewGate(), cluster.NewGate() };
        var plain = cluster.Executor.Submit(OpeningAndPassing(started[0], release));
        var repeated = cluster.Executor.Submit(AttemptAfter(started[1], release), new() { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        foreach (var gate in started) await gate.PassAsync();
        cluster.Transport.Interrupt("lost");
        await cluster.StartNodeAsync("other");

        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return plain.IsCompleted;
        });

        var error = await Should.ThrowAsync<NodeLostException>(async () => await plain);
        error.Node.ShouldBe("lost");
        error.Message.ShouldContain("silent for 15 s");
        (await repeated).ShouldBe(2);
        repeated.Worker!.Name.ShouldContain("other");
    }

    [ProcessFact]
    public async Task A_task_runs_once_although_its_node_is_interrupted_and_its_message_delivered_again()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        var release = cluster.NewGate();
        var started = cluster.NewGate();
        var future = cluster.Executor.Submit(OpeningAndPassing(started, release));
        await started.PassAsync();

        cluster.Transport.Interrupt("node"); // its message goes back to the queue
        cluster.Transport.Restore("node");
        await cluster.StartNodeAsync("other"); // and may go to another node
        release.Open();

        (await future).ShouldBe(1); // the count of its starts
        cluster.Executor.GetStatistics().Succeeded.ShouldBe(1);
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task An_outcome_reaches_an_owner_that_was_interrupted()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        var release = cluster.NewGate();
        var started = cluster.NewGate();
        var future = cluster.Executor.Submit(OpeningAndPassing(started, release));
        await started.PassAsync();

        cluster.Transport.Interrupt("owner");
        release.Open();
        cluster.Transport.Restore("owner");

        (await future).ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kill_ends_although_the_connection_of_the_owner_does_not_come_back(bool isClosed)
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await cluster.StartNodeAsync("node");
        ProcessGate started = cluster.NewGate(), release = cluster.NewGate();
        var running = cluster.Executor.Submit(OpeningAndPassing(started, release), new() { Retry = new() { MaxAttempts = 2 } });
        await started.PassAsync();
        var unstarted = cluster.Executor.Submit(static () => 1);
        if (isClosed) await cluster.Transport.Of("owner").DisposeAsync();
        else cluster.Transport.Interrupt("owner");

        var killed = cluster.Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return killed.IsCompleted;
        });

        await killed;
        (running.State, unstarted.State).ShouldBe((FutureState.Canceled, FutureState.Canceled));
    }

    [ProcessFact]
    public async Task A_node_that_leaves_returns_what_it_has_not_started_and_reports_what_it_stopped()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("leaving");
        var release = cluster.NewGate();
        var started = cluster.NewGate();
        var running = cluster.Executor.Submit(OpeningAndPassing(started, release));
        await started.PassAsync();
        var waiting = Enumerable.Range(0, 20).Select(i => cluster.Executor.Submit(() => i)).ToList();

        var stop = node.StopAsync();
        release.Open(); // a thread cannot be killed
        await stop;
        await cluster.StartNodeAsync("other");

        (await Futures.WhenAll(waiting)).ShouldBe(Enumerable.Range(0, 20));
        await running.EndAsync();
        if (running.State == FutureState.Failed) running.Exception.ShouldBeOfType<NodeLostException>();
    }

    [ProcessFact]
    public async Task Work_whose_leaving_node_cancels_it_is_lost_with_its_node_and_one_with_a_retry_runs_elsewhere()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("leaving", workers: 2);
        var never = cluster.NewGate();
        var started = new[] { cluster.NewGate(), cluster.NewGate() };
        var plain = cluster.Executor.Submit(WaitingForToken(started[0], never, cluster.NewGate()));
        var repeated = cluster.Executor.Submit(AttemptOrWait(started[1], never), new() { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        foreach (var gate in started) await gate.PassAsync();

        await node.StopAsync();
        await cluster.StartNodeAsync("other");

        var error = await Should.ThrowAsync<NodeLostException>(async () => await plain);
        error.Node.ShouldBe("leaving");
        error.Message.ShouldContain("left the cluster and cancelled task");
        (await repeated).ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_cancellation_reaches_a_node_that_was_interrupted()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        Gate started = cluster.NewGate(), never = cluster.NewGate(), tripped = cluster.NewGate();
        var future = cluster.Executor.Submit(WaitingForToken((ProcessGate)started, (ProcessGate)never, (ProcessGate)tripped));
        await started.PassAsync();
        cluster.Transport.Interrupt("node");
        future.Cancel().ShouldBeTrue();
        (await cluster.Transport.Of("owner").SendAsync(cluster.Transport.Of("node").Address, new byte[1])).ShouldBeFalse(); // after the request, which is lost

        cluster.Transport.Restore("node");

        await future.EndAsync();
        future.State.ShouldBe(FutureState.Canceled);
        tripped.IsOpen.ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_message_that_is_replayed_does_not_run_its_task_again()
    {
        await using var cluster = new ClusterUnderTest();
        var ran = cluster.NewGate();
        var future = cluster.Executor.Submit(StartsOf(ran));
        var spy = new RecordingReceiver();
        await using var connection = await cluster.Transport.ConnectAsync(new ClusterMember("default", "spy"), spy);
        await connection.SetCreditAsync(1);
        var delivery = (await spy.DeliveriesAsync(1))[0];
        await connection.SetCreditAsync(0);
        byte[] message = delivery.Body.ToArray();
        delivery.Return();
        await cluster.StartNodeAsync("node");
        (await future).ShouldBe(1);

        for (int i = 0; i < 5; i++) await connection.PublishAsync(TaskPriority.Normal, message);
        await cluster.Executor.Submit(static () => { });

        await cluster.UntilQueuesAreEmptyAsync("node");
        cluster.Executor.GetStatistics().Submitted.ShouldBe(2);
        (await cluster.Executor.Submit(StartsOf(ran))).ShouldBe(2); // the second start, not a later one
    }

    [ProcessFact]
    public async Task Messages_that_are_not_of_the_cluster_go_to_the_dead_letters_unread()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node");
        await using var connection = await cluster.Transport.ConnectAsync(new ClusterMember("default", "stranger"), new RecordingReceiver());
        var random = new Random(1);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] body = new byte[random.Next(200)];
            random.NextBytes(body);
            if (i % 2 == 0 && body.Length > 4) "SVC\u0001"u8.CopyTo(body);
            await connection.PublishAsync(TaskPriority.Normal, body);
        }

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
        await TestTimeout.UntilAsync(() => node.RefusedMessages >= 2_000);
        (await connection.GetQueueDepthAsync()).Dead.ShouldBe(2_000);
    }

    [ProcessFact]
    public async Task A_node_with_another_key_refuses_what_it_cannot_check()
    {
        var transport = new RecordingTransport();
        await using var node = new ClusterNode(transport, new() { Name = "node", Workers = 1, Keys = new ClusterKeys("a", new byte[32]), WorkerOptions = new() { InProcess = true } });
        await node.StartAsync();
        var executor = new ClusterExecutor(transport, new() { Keys = new ClusterKeys("a", [.. Enumerable.Repeat((byte)1, 32)]) });
        await using var end = TestSupport.KillAtEnd(executor);

        var future = executor.Submit(static () => 1);

        await TestTimeout.UntilAsync(() => node.RefusedMessages > 0);
        future.State.ShouldBe(FutureState.Queued);
        future.Cancel();
    }

    [ProcessFact]
    public async Task A_task_whose_message_is_too_old_fails_with_the_reason()
    {
        await using var cluster = new ClusterUnderTest();
        var future = cluster.Executor.Submit(static () => 1);
        await cluster.Executor.ConnectAsync();
        await QueueDepthAssert.BecomesAsync(cluster.Transport.Of("owner"), new ClusterQueueDepth(0, 1, 0, 0));

        await cluster.StartNodeAsync("node", options: new() { MaxMessageAge = TimeSpan.FromTicks(1) });

        (await Should.ThrowAsync<NoMatchingNodeException>(async () => await future)).Message.ShouldContain("older than its MaxMessageAge");
    }

    [ProcessFact]
    public async Task A_node_whose_connection_failed_can_be_started_again()
    {
        var transport = new RecordingTransport { Refusal = new ClusterConnectionException("The broker is not there.") };
        await using var node = new ClusterNode(transport, new() { Name = "node", Workers = 1, WorkerOptions = new() { InProcess = true } });
        await Should.ThrowAsync<ClusterConnectionException>(() => node.StartAsync());
        transport.Refusal = null;

        await node.StartAsync();

        await Should.ThrowAsync<InvalidOperationException>(() => node.StartAsync());
        await using var executor = new ClusterExecutor(transport);
        (await executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_task_of_another_build_is_refused_with_both_builds()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", options: new() { RunsOtherPrograms = false });
        var receiver = new RecordingReceiver();
        await using var owner = await cluster.Transport.ConnectAsync(new ClusterMember("default", "old") { KeepsReplies = true }, receiver);
        var build = BuildId.Read(new byte[BuildId.Size]);
        var seal = new EnvelopeSeal(null, "default", Guid.NewGuid(), new(build), TimeProvider.System, TimeSpan.FromDays(1));
        var task = new TaskEntry(new TaskKey(7, 1), DelegateKind.Synchronous, ClusterTaskFlags.None);
        await owner.PublishAsync(TaskPriority.Normal, seal.Seal(MessageKind.Tasks, new TasksMessage(Guid.NewGuid(), build, owner.Address, default, [], [task]).Write().Written.Span));

        byte[] reply = (await receiver.RepliesAsync(1))[0];

        seal.Open(reply, out var envelope).ShouldBe(EnvelopeVerdict.Valid);
        var result = ResultsMessage.Read(envelope.Body).Results.ShouldHaveSingleItem();
        result.Status.ShouldBe(ResultStatus.Refused);
        System.Text.Encoding.UTF8.GetString(result.Payload.Span).ShouldContain("000000000000");
    }

    [ProcessFact]
    public async Task Reports_of_progress_that_are_delivered_twice_count_once()
    {
        await using var cluster = new ClusterUnderTest(transport: new RecordingTransport(new InMemoryFaults { DuplicateRate = 1 }));
        await cluster.StartNodeAsync("node");
        var reports = new ConcurrentQueue<double?>();

        await cluster.Executor.Submit(
            static () =>
            {
                for (int i = 1; i <= 5; i++) TaskContext.Current!.Report(i / 5d);
            },
            new() { Progress = new Recorder(reports) });

        reports.ShouldBe([0.2, 0.4, 0.6, 0.8, 1]);
    }

    [ProcessFact]
    public async Task An_outcome_does_not_overtake_what_the_task_has_reported()
    {
        var hooks = new ConnectionHooks();
        await using var cluster = new ClusterUnderTest(transport: hooks.CreateTransport());
        var node = await cluster.StartNodeAsync("node");
        var (started, release, sends) = (cluster.NewGate(), cluster.NewGate(), new Gate());
        var reports = new ConcurrentQueue<double?>();
        var future = cluster.Executor.Submit(ReportingAfter(started, release), new() { Progress = new Recorder(reports) });
        await started.PassAsync();
        int messages = 0;
        hooks.Sending = member =>
        {
            if (member == "node" && Interlocked.Increment(ref messages) == 1) sends.Pass(); // the first blocks those that are queued behind it
        };

        release.Open();
        await TestTimeout.UntilAsync(() => node.Completed == 1);
        sends.Open();

        await future;
        reports.ShouldBe([0.5, 1]);
    }

    private static Action ReportingAfter(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
        TaskContext.Current!.Report(0.5);
        TaskContext.Current!.Report(1);
    };

    private static Func<int> OpeningAndPassing(ProcessGate started, ProcessGate release) => () =>
    {
        int starts = Interlocked.Increment(ref s_starts);
        started.Open();
        release.Pass();
        return starts - Interlocked.Exchange(ref s_starts, 0) + 1;
    };

    private static Func<int> AttemptAfter(ProcessGate started, ProcessGate release) => () =>
    {
        int attempt = TaskContext.Current!.Attempt;
        started.Open();
        if (attempt == 1) release.Pass();
        return attempt;
    };

    private static Func<CancellationToken, int> AttemptOrWait(ProcessGate started, ProcessGate never) => token =>
    {
        int attempt = TaskContext.Current!.Attempt;
        started.Open();
        if (attempt == 1) never.Pass(token);
        return attempt;
    };

    private static Func<int> StartsOf(ProcessGate ran) => () =>
    {
        ran.Open();
        return Interlocked.Increment(ref s_replayed);
    };

    private static Action<CancellationToken> WaitingForToken(ProcessGate started, ProcessGate never, ProcessGate tripped) => token =>
    {
        started.Open();
        try
        {
            never.Pass(token);
        }
        finally
        {
            tripped.Open();
        }
    };

    private sealed class Recorder(ConcurrentQueue<double?> reports) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => reports.Enqueue(value.Fraction);
    }

    private static int s_replayed; // of the workers, which are threads of this process
    private static int s_starts;
}
