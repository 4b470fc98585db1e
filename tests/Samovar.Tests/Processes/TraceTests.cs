using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes;

/// <summary>A trace continues in the worker.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class TraceTests
{
    private static readonly List<string> s_stopped = []; // in a worker, by its initializer's listener

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    [InlineData(ChannelKind.Local)]
    internal async Task A_task_submitted_under_an_activity_continues_it_and_the_next_one_does_not(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = channel, InProcess = channel == ChannelKind.Local });
        Future<string> under;
        string expected;
        using (var request = new Activity("request").Start())
        {
            request.TraceStateString = "vendor=1";
            request.AddBaggage("user", "7").AddBaggage("user", "8").AddBaggage("shop", "tea");
            request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            under = pool.Submit(Describe);
            expected = $"{request.TraceId} {request.SpanId} vendor=1 shop=tea,user=8,user=7 Recorded";
        }

        var outside = pool.Submit(Describe);

        (await under).ShouldBe(expected);
        (await outside).ShouldBe("none");
    }

    [ProcessFact]
    public async Task Asynchronous_work_keeps_it_and_what_the_work_does_to_it_does_not_reach_the_next()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var request = new Activity("request").Start();

        string trace = await pool.Submit(static async () =>
        {
            await Task.Yield();
            string found = Activity.Current!.TraceId.ToHexString();
            Activity.Current.Stop();
            return found;
        });
        Activity.Current = null;

        trace.ShouldBe(request.TraceId.ToHexString());
        (await pool.Submit(Describe)).ShouldBe("none");
    }

    [ProcessFact]
    public async Task Every_item_of_a_map_continues_the_activity_the_loop_was_begun_under()
    {
        await using var pool = PoolUnderTest.Build(workers: 2);
        using var request = new Activity("request").Start();

        var traces = await pool.Map(Enumerable.Range(0, 2000), static _ => Activity.Current!.TraceId.ToHexString(), cancellationToken: Token).ToListAsync(Token);

        traces.Distinct().ShouldBe([request.TraceId.ToHexString()]);
    }

    [ProcessFact]
    public async Task Where_the_flow_is_suppressed_nothing_flows_as_on_threads()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        using var request = new Activity("request").Start();
        foreach (var executor in (Executor[])[pool, threads])
        {
            Future<bool> future;
            using (ExecutionContext.SuppressFlow()) future = executor.Submit(static () => Activity.Current is null);
            (await future).ShouldBeTrue();
            (await executor.Submit(static () => Activity.Current!.TraceId.ToHexString())).ShouldBe(request.TraceId.ToHexString());
        }
    }

    [ProcessFact]
    public async Task A_listener_in_the_worker_gets_an_activity_of_the_source_Samovar_with_the_task_and_its_error()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Initializer = static () => Listen() });
        using var request = new Activity("request").Start();

        var failed = pool.Submit(static () => { throw new InvalidOperationException("cold water"); }, new() { Name = "brew" });
        await failed.EndedAsync();

        (await pool.Submit(static () => s_stopped.ToArray())).ShouldBe(["Samovar TraceTests.A_listener_in_the_worker_gets_an_activity_of_the_source_Samovar_with_the_task_and_its_error, lambda Consumer brew 1/1 Error cold water System.InvalidOperationException"]);
    }

    [ProcessFact]
    public async Task With_a_listener_in_this_process_the_workers_activity_is_a_child_of_the_tasks_own()
    {
        using var request = new Activity("request").Start();
        var trace = request.TraceId;
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SamovarTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var pool = PoolUnderTest.Build(workers: 1);

        string parent = await pool.Submit(static () => Activity.Current!.ParentSpanId.ToHexString());

        var span = stopped.ShouldHaveSingleItem();
        (span.SpanId.ToHexString(), span.ParentSpanId, span.Kind).ShouldBe((parent, request.SpanId, ActivityKind.Internal));
        span.GetTagItem(SamovarTelemetry.OutcomeKey).ShouldBe("succeeded");
    }

    [ProcessFact]
    public async Task A_trace_that_is_too_long_loses_its_baggage_and_keeps_its_id()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var request = new Activity("request").Start();
        request.AddBaggage("book", new string('x', TaskTrace.Longest));

        (await pool.Submit(Describe)).ShouldStartWith($"{request.TraceId} {request.SpanId}   ");
    }

    [ProcessFact]
    public async Task A_child_continues_it_too()
    {
        using var request = new Activity("request").Start();

        string trace = await ChildProcess.Start(static () => Activity.Current!.TraceId.ToHexString()).JoinAsync(Token);

        trace.ShouldBe(request.TraceId.ToHexString());
    }

    private static string Describe() => Activity.Current is not { } activity
        ? "none"
        : $"{activity.TraceId} {activity.ParentSpanId} {activity.TraceStateString} {string.Join(',', activity.Baggage.Select(static b => $"{b.Key}={b.Value}"))} {activity.ActivityTraceFlags}";

    private static void Listen() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static _ => true,
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = static a => s_stopped.Add(
            $"{a.Source.Name} {a.DisplayName} {a.Kind} {a.GetTagItem("samovar.task.name")} " +
            $"{a.GetTagItem("samovar.task.id")}/{a.GetTagItem("samovar.task.attempt")} {a.Status} {a.StatusDescription} {a.GetTagItem("error.type")}"),
    });
}
