using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Cluster;

/// <summary>Attempts whose messages the broker delivers again while their nodes have them.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterRedeliveryTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TaskOptions s_retries = new() { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } };

    private readonly ManualTimeProvider _time = new();

    [ProcessFact]
    public async Task A_task_with_a_retry_starts_elsewhere_within_a_second_if_its_node_does_not_answer()
    {
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = _time });
        await using var lost = await ScriptedNode.ConnectAsync(cluster, "lost");
        await using var witness = await ScriptedNode.ConnectAsync(cluster, "witness");
        var repeated = cluster.Executor.Submit(static () => TaskContext.Current!.Attempt, s_retries);
        var plain = cluster.Executor.Submit(static () => 1);
        var last = cluster.Executor.Submit(static () => 1, s_retries with { Retry = s_retries.Retry! with { MaxAttempts = 1 } });
        var unwanted = cluster.Executor.Submit(static () => 1, s_retries with { Retry = s_retries.Retry! with { RetryOn = static error => error is not NodeLostException } });
        TaskKey[] keys = [new(repeated.Id, 1), new(plain.Id, 1), new(last.Id, 1), new(unwanted.Id, 1)];
        await TestTimeout.UntilAsync(() => new Future[] { repeated, plain, last, unwanted }.All(static future => future.SentState == FutureState.Sent));
        await lost.ClaimAsync(keys);
        await lost.MessagesAsync(MessageKind.Verdict);

        await witness.ReportRedeliveredAsync(keys);

        KeysMessage.Read((await lost.MessagesAsync(MessageKind.Probe))[0]).ShouldBe([keys[0], keys[3]]); // a task that is not repeated has nothing to gain
        for (int i = 0; i < 3; i++) await PassIntervalAsync();
        await cluster.StartNodeAsync("other");
        (await repeated).ShouldBe(2);
        await lost.ReportResultAsync(new ResultEntry(keys[0], ResultStatus.Crashed, 1, 1, TimeSpan.Zero, PayloadWriter.OfError(new WorkerCrashedException("late"))));
        await lost.MessagesAsync(MessageKind.Settled);
        (await repeated).ShouldBe(2);
        new Future[] { plain, last, unwanted }.ShouldAllBe(static future => future.State == FutureState.Running);
        cluster.Executor.GetStatistics().Retries.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_node_that_answers_keeps_its_attempt()
    {
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = _time });
        await using var alive = await ScriptedNode.ConnectAsync(cluster, "alive");
        await using var witness = await ScriptedNode.ConnectAsync(cluster, "witness");
        var future = cluster.Executor.Submit(static () => 1, s_retries);
        var key = new TaskKey(future.Id, 1);
        await ClaimAsync(alive, future);

        await witness.ReportRedeliveredAsync(key);
        await alive.MessagesAsync(MessageKind.Probe);
        await alive.ReportAsync(key);
        await alive.ClaimAsync(key); // its answer comes after the report was processed
        await alive.MessagesAsync(MessageKind.Verdict, 2);
        await PassIntervalAsync();
        await witness.ClaimAsync(key); // the copy that was delivered again

        VerdictMessage.Read((await witness.MessagesAsync(MessageKind.Verdict))[0]).Drop.ShouldBe([key]);
        alive.CountOf(MessageKind.Probe).ShouldBe(1);
        (future.State, future.Attempt).ShouldBe((FutureState.Running, 1));
    }

    [ProcessFact]
    public async Task An_owner_that_was_suspended_asks_again_before_it_gives_a_node_up()
    {
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = _time });
        await using var alive = await ScriptedNode.ConnectAsync(cluster, "alive");
        await using var witness = await ScriptedNode.ConnectAsync(cluster, "witness");
        var future = cluster.Executor.Submit(static () => 1, s_retries);
        var key = new TaskKey(future.Id, 1);
        await ClaimAsync(alive, future);
        await witness.ReportRedeliveredAsync(key);
        for (int i = 0; i < 2; i++) await PassIntervalAsync();
        await _time.WhenArmedAsync(s_interval);

        _time.TimestampAsked = () =>
        {
            _time.TimestampAsked = null;
            _time.Advance(TimeSpan.FromSeconds(2)); // it runs that much later than its timer was due
        };
        _time.Advance(s_interval);

        await _time.WhenArmedAsync(s_interval);
        (future.State, future.Attempt).ShouldBe((FutureState.Running, 1));
        (await alive.MessagesAsync(MessageKind.Probe, 4)).Count.ShouldBe(4);
    }

    [ProcessFact]
    public async Task Redeliveries_prove_nothing_while_the_owner_itself_was_cut_off()
    {
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = _time });
        await using var alive = await ScriptedNode.ConnectAsync(cluster, "alive");
        await using var witness = await ScriptedNode.ConnectAsync(cluster, "witness");
        var future = cluster.Executor.Submit(static () => 1, s_retries);
        var key = new TaskKey(future.Id, 1);
        await ClaimAsync(alive, future);

        cluster.Transport.Interrupt("owner"); // as when the broker restarts
        cluster.Transport.Restore("owner");
        await alive.ClaimAsync(key);
        await alive.MessagesAsync(MessageKind.Verdict, 2);
        await witness.ReportRedeliveredAsync(key);
        await witness.ClaimAsync(key);
        await witness.MessagesAsync(MessageKind.Verdict); // after the report was processed

        alive.CountOf(MessageKind.Probe).ShouldBe(0);
        future.State.ShouldBe(FutureState.Running);
    }

    [ProcessFact]
    public async Task A_node_reports_what_it_receives_again_and_answers_for_what_it_has()
    {
        await using var cluster = new ClusterUnderTest();
        var receiver = new RecordingReceiver();
        await using var owner = await cluster.Transport.ConnectAsync(new ClusterMember("default", "scripted") { KeepsReplies = true }, receiver);
        var seal = new EnvelopeSeal(null, "default", Guid.NewGuid(), ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        var task = new TaskEntry(new TaskKey(7, 1), DelegateKind.Synchronous, ClusterTaskFlags.None);
        var id = Guid.NewGuid();
        var message = new TasksMessage(id, ProgramBuild.Current.Value, owner.Address, default, [], [task]);
        var ofOwner = new EnvelopeSeal(null, "default", id, ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        await owner.SetCreditAsync(1);
        await owner.PublishAsync(TaskPriority.Normal, ofOwner.Seal(MessageKind.Tasks, message.Write().Written.Span));
        var delivery = (await receiver.DeliveriesAsync(1))[0];
        await owner.SetCreditAsync(0);
        delivery.Return(); // so that the next delivery is not the first
        await cluster.StartNodeAsync("node");

        Opened(await receiver.RepliesAsync(2)).Select(static envelope => envelope.Kind).ShouldBe([MessageKind.Redelivered, MessageKind.Claim]);
        byte[] probe = ofOwner.Seal(MessageKind.Probe, KeysMessage.Write([new TaskKey(8, 1), new TaskKey(7, 1), new TaskKey(7, 2)]).Written.Span);
        await owner.SendAsync(cluster.Transport.Of("node").Address, probe);

        var answer = Opened(await receiver.RepliesAsync(3))[2];
        answer.Kind.ShouldBe(MessageKind.Running);
        RunningMessage.Read(answer.Body).Tasks.ShouldBe([(new TaskKey(7, 1), 0)]);

        List<Envelope> Opened(IReadOnlyList<byte[]> replies) => [.. replies.Select(reply =>
        {
            seal.Open(reply, out var envelope).ShouldBe(EnvelopeVerdict.Valid);
            return envelope;
        })];
    }

    private static async Task ClaimAsync(ScriptedNode node, Future future)
    {
        await TestTimeout.UntilAsync(() => future.SentState == FutureState.Sent);
        await node.ClaimAsync(new TaskKey(future.Id, 1));
        await node.MessagesAsync(MessageKind.Verdict);
        future.State.ShouldBe(FutureState.Running);
    }

    private async Task PassIntervalAsync()
    {
        await _time.WhenArmedAsync(s_interval);
        _time.Advance(s_interval);
    }
}
