using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Cluster.Protocol;

public sealed class MessageTests
{
    private static readonly TaskKey s_key = new(long.MaxValue, 3);

    private static readonly TasksMessage s_tasks = new(
        Guid.NewGuid(), BuildId.Read(new byte[BuildId.Size]), "owner", new byte[] { 1, 2 }, [new SharedBody(5, RefersToAll: true, new byte[] { 3 })],
        [
            new TaskEntry(s_key, DelegateKind.AsynchronousWithToken, ClusterTaskFlags.BringsResult)
            {
                Name = "näme", Trace = "00-trace", Shared = 5, Cultures = new byte[] { 4, 4 }, Body = new byte[] { 5, 5, 5 },
            },
        ]);

    private static readonly TasksMessage s_blobs = s_tasks with
    {
        Shared = [new SharedBody(5, RefersToAll: true, default) { Blob = BlobReference.Of("shared", [7, 8, 9]) }],
        Tasks = [new TaskEntry(s_key, DelegateKind.Synchronous, ClusterTaskFlags.IsLive) { Blob = BlobReference.Of("work", [4, 5, 6]) }],
    };

    [ThreadFact]
    public void Tasks_arrive_as_they_were_sent()
    {
        var read = TasksMessage.Read(s_tasks.Write().Written);
        (read.Owner, read.Build, read.Address).ShouldBe((s_tasks.Owner, s_tasks.Build, "owner"));
        read.Definitions.ToArray().ShouldBe([1, 2]);
        var shared = read.Shared.ShouldHaveSingleItem();
        (shared.Number, shared.RefersToAll, shared.Body.Length).ShouldBe((5, true, 1));
        var task = read.Tasks.ShouldHaveSingleItem();
        (task.Key, task.Kind, task.Flags, task.Name, task.Trace, task.Shared).ShouldBe(
            (s_key, DelegateKind.AsynchronousWithToken, ClusterTaskFlags.BringsResult, "näme", "00-trace", 5));
        task.Cultures.ToArray().ShouldBe([4, 4]);
        task.Body.ToArray().ShouldBe([5, 5, 5]);
    }

    [ThreadFact]
    public void The_other_messages_arrive_as_they_were_sent()
    {
        var claim = ClaimMessage.Read(new ClaimMessage(17, "node", "address", [s_key, new TaskKey(1, 1)]).Write().Written);
        (claim.Number, claim.Node, claim.Address).ShouldBe((17, "node", "address"));
        claim.Keys.ShouldBe([s_key, new TaskKey(1, 1)]);
        var verdict = VerdictMessage.Read(new VerdictMessage(s_tasks.Owner, 17, [s_key], [new TaskKey(1, 1)]).Write().Written);
        (verdict.Node, verdict.Claim).ShouldBe((s_tasks.Owner, 17));
        verdict.Start.ShouldBe([s_key]);
        verdict.Drop.ShouldBe([new TaskKey(1, 1)]);
        var result = ResultsMessage.Read(new ResultsMessage("node", [new ResultEntry(s_key, ResultStatus.Crashed, 2, 99, TimeSpan.FromTicks(7), new byte[] { 1 })]).Write().Written)
            .Results.ShouldHaveSingleItem();
        (result.Key, result.Status, result.Worker, result.ProcessId, result.Elapsed, result.Payload.Length).ShouldBe((s_key, ResultStatus.Crashed, 2, 99, TimeSpan.FromTicks(7), 1));
        StopMessage.Read(new StopMessage(s_key, StopReason.Timeout, "why").Write().Written).ShouldBe(new StopMessage(s_key, StopReason.Timeout, "why"));
        var started = new StartedMessage(s_key, 3, 4, TimeSpan.FromSeconds(5));
        StartedMessage.Read(started.Write().Written).ShouldBe(started);
        foreach (var progress in new[] { new TaskProgress(0.5, "half"), new TaskProgress(null), new TaskProgress(1, "") })
            ProgressMessage.Read(new ProgressMessage(s_key, 6, progress).Write().Written).ShouldBe(new ProgressMessage(s_key, 6, progress));
        var beacon = new BeaconMessage("node", "address", NodeState.Draining, 4, 3, 2);
        BeaconMessage.Read(beacon.Write().Written).ShouldBe(beacon);
        BeaconMessage.Read(beacon.Write().Written[..^sizeof(int)]).ShouldBe(beacon); // of a version without resources
        var owner = Guid.NewGuid();
        var gpus = BeaconMessage.Read((beacon with { Resources = [new NodeResource("gpu", 20_000, 3, [(owner, 15_000)])] }).Write().Written).Resources.ShouldHaveSingleItem();
        gpus.Statistics.ShouldBe(new ResourceStatistics("gpu", 2, 1.5, 3));
        gpus.Uses.ShouldBe([(owner, 15_000)]);
        var live = LiveMessage.Read(new LiveMessage(s_key, 4, 12, new byte[] { 1, 2 }).Write().Written);
        (live.Key, live.Number, live.Port, live.Packed.Length).ShouldBe((s_key, 4, 12, 2));
        var running = RunningMessage.Read(new RunningMessage("node", [(s_key, 5)]).Write().Written);
        running.Address.ShouldBe("node");
        running.Tasks.ShouldBe([(s_key, 5)]);
        ShareMessage.Read(new ShareMessage([(s_tasks.Owner, 3)]).Write().Written).Idle.ShouldBe([(s_tasks.Owner, 3)]);
    }

    [ThreadFact]
    public void References_to_blobs_arrive_as_they_were_sent()
    {
        var blob = BlobReference.Of("work", [1, 2, 3]);
        var tasks = TasksMessage.Read(s_blobs.Write().Written);
        var results = ResultsMessage.Read(new ResultsMessage("node", [new ResultEntry(s_key, ResultStatus.Succeeded, 1, 2, TimeSpan.Zero, default) { Blob = blob }]).Write().Written);

        foreach (var (read, sent) in new[]
        {
            (tasks.Shared[0].Blob, s_blobs.Shared[0].Blob), (tasks.Tasks[0].Blob, s_blobs.Tasks[0].Blob), (results.Results[0].Blob, blob),
        })
        {
            (read!.Key, read.Length).ShouldBe((sent!.Key, 3));
            read.Hash.ToArray().ShouldBe(sent.Hash.ToArray());
        }

        (tasks.Shared[0].RefersToAll, tasks.Tasks[0].Flags, tasks.Tasks[0].Body.Length).ShouldBe((true, ClusterTaskFlags.IsLive, 0));
        BlobReference.Of("work", [1, 2, 3]).Key.ShouldNotBe(blob.Key);
    }

    [ThreadFact]
    public void A_malformed_message_throws_one_kind_of_exception_and_allocates_nothing_large()
    {
        var random = new Random(7);
        byte[][] valid = [s_tasks.Write().Written.ToArray(), s_blobs.Write().Written.ToArray()];
        Action<ReadOnlyMemory<byte>>[] readers =
        [
            body => TasksMessage.Read(body), body => ClaimMessage.Read(body), body => VerdictMessage.Read(body), body => ResultsMessage.Read(body),
            body => KeysMessage.Read(body), body => StopMessage.Read(body), body => ProgressMessage.Read(body), body => LiveMessage.Read(body),
            body => BeaconMessage.Read(body), body => RunningMessage.Read(body), body => ShareMessage.Read(body), body => StartedMessage.Read(body), body => ResultPayload.Read(body),
        ];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] body = i % 2 == 0 ? [.. valid[i / 2 % 2]] : new byte[random.Next(200)];
            if (i % 2 == 0) body[random.Next(body.Length)] = (byte)random.Next(256);
            else random.NextBytes(body);
            foreach (var read in readers)
            {
                try
                {
                    read(body);
                }
                catch (MessageFormatException)
                {
                    // What a malformed message may cause.
                }
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000L * readers.Length * 4096);
    }
}
