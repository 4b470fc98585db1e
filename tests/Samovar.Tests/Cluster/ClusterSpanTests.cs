using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Cluster;

/// <summary>The activities of the tasks and messages of a cluster.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterSpanTests
{
    [ProcessFact]
    public async Task A_task_has_activities_where_it_is_submitted_published_and_run()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);

        (await cluster.Executor.Submit(Current, new() { Name = "brew" })).ShouldNotBeNull();

        await TestTimeout.UntilAsync(() => recorder.Stopped.Count == 3); // the broker confirms while the task runs
        var submitted = recorder.Stopped.Single(static span => span.Kind == ActivityKind.Internal);
        var sent = recorder.Stopped.Single(static span => span.Kind == ActivityKind.Producer);
        var run = recorder.Stopped.Single(static span => span.Kind == ActivityKind.Consumer);
        (submitted.ParentSpanId, sent.ParentSpanId, run.ParentSpanId).ShouldBe((request.SpanId, submitted.SpanId, submitted.SpanId));
        (submitted.DisplayName, sent.DisplayName, run.DisplayName).ShouldBe(("ClusterSpanTests.Current", "send default", "ClusterSpanTests.Current"));
        sent.TagObjects.Where(static tag => tag.Key != "messaging.message.body.size").Select(static tag => $"{tag.Key}={tag.Value}").ShouldBe(
        [
            "messaging.system=memory", "messaging.operation.name=send", "messaging.operation.type=send", "messaging.destination.name=default", "messaging.batch.message_count=1",
        ]);
        run.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}").ShouldBe(
        [
            "samovar.executor.type=cluster", "samovar.task.id=1", "samovar.task.name=brew", "samovar.task.attempt=1", "samovar.cluster.name=default",
            "samovar.cluster.member=node", "messaging.operation.name=process", "messaging.operation.type=process", "messaging.destination.name=default",
        ]);
        (submitted.Status, sent.Status, run.Status).ShouldBe((ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Unset));
    }

    [ProcessTheory]
    [InlineData("throws", "ClusterSpanTests.Spill", "cold water", "System.FormatException")]
    [InlineData("throws later", "ClusterSpanTests.SpillLater", "cold water", "System.FormatException")]
    [InlineData("returns a thread", "ClusterSpanTests.ReturnThread", null, null)]
    public async Task A_task_that_fails_has_its_own_name_and_its_error_in_the_worker(string how, string function, string? message, string? type)
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);

        Future failed = how switch
        {
            "throws" => cluster.Executor.Submit(Spill),
            "throws later" => cluster.Executor.Submit(SpillLater),
            _ => cluster.Executor.Submit(ReturnThread),
        };
        await failed.EndedAsync();

        failed.State.ShouldBe(FutureState.Failed);
        var run = recorder.Stopped.Single(static span => span.Kind == ActivityKind.Consumer);
        (run.DisplayName, run.Status).ShouldBe((function, ActivityStatusCode.Error));
        if (message is not null) (run.StatusDescription, run.GetTagItem(SamovarTelemetry.ErrorTypeKey)).ShouldBe((message, type));
    }

    [ProcessFact]
    public async Task A_task_that_is_cancelled_is_no_error_in_the_worker()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        var started = cluster.NewGate();

        var canceled = cluster.Executor.Submit(Waiting(started));
        await started.PassAsync();
        canceled.Cancel();
        await canceled.EndedAsync();

        await TestTimeout.UntilAsync(() => recorder.Stopped.Any(static span => span.Kind == ActivityKind.Consumer)); // the future need not wait for its worker
        recorder.Stopped.ShouldAllBe(static span => span.Status == ActivityStatusCode.Unset);
    }

    [ProcessFact]
    public async Task A_message_with_several_tasks_has_links_to_the_others()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.Executor.ConnectAsync();
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        cluster.Transport.Interrupt("owner"); // until it is restored, 64 messages are on the way, and the other tasks gather

        var futures = Enumerable.Range(0, 100).Select(i => cluster.Executor.Submit(() => i)).ToList();
        cluster.Transport.Restore("owner");
        await cluster.StartNodeAsync("node");
        await Futures.WhenAll(futures);

        await TestTimeout.UntilAsync(() => Sent().Sum(static span => (int)span.GetTagItem("messaging.batch.message_count")!) == 100);
        foreach (var span in Sent())
        {
            int tasks = (int)span.GetTagItem("messaging.batch.message_count")!;
            span.Links.Count().ShouldBe(tasks - 1);
            span.Links.ShouldAllBe(link => link.Context.SpanId != span.ParentSpanId);
        }

        Activity[] Sent() => [.. recorder.Stopped.Where(static span => span.Kind == ActivityKind.Producer)];
    }

    [ProcessFact]
    public async Task Work_that_stops_its_activity_does_not_affect_the_next()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node");
        using (new Activity("request").Start()) await cluster.Executor.Submit(static () => Activity.Current!.Stop());

        (await cluster.Executor.Submit(Current)).ShouldBeNull();
    }

    private static string? Current() => Activity.Current?.Id;

    private static int Spill() => throw new FormatException("cold water");

    private static async Task<int> SpillLater()
    {
        await Task.Yield();
        throw new FormatException("cold water");
    }

    private static Thread ReturnThread() => Thread.CurrentThread;

    private static Func<CancellationToken, Task> Waiting(ProcessGate started) => async token =>
    {
        started.Open();
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
    };
}
