using System.Diagnostics;
using Samovar.Serialization;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics;

/// <summary>The activity of a task in the process that submits it.</summary>
public sealed class TaskSpanTests
{
    [ThreadTheory]
    [InlineData("thread")]
    [InlineData("loop")]
    [InlineData("inline")]
    public async Task A_task_has_an_activity_from_its_submission_to_its_completion_and_runs_under_it(string type)
    {
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using Executor executor = type switch
        {
            "thread" => new ThreadExecutor(new() { Name = "kitchen", Workers = 1 }),
            "loop" => new EventLoop(new EventLoopOptions { Name = "kitchen" }),
            _ => new InlineExecutor(new() { Name = "kitchen" }),
        };

        string? id = await executor.Submit(Current, new() { Name = "brew" });

        var span = recorder.Stopped.ShouldHaveSingleItem();
        span.Id.ShouldBe(id);
        span.ParentSpanId.ShouldBe(request.SpanId);
        (span.DisplayName, span.Kind, span.Status).ShouldBe(("TaskSpanTests.Current", ActivityKind.Internal, ActivityStatusCode.Unset));
        span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}").ShouldBe(
        [
            "samovar.executor.name=kitchen", $"samovar.executor.type={type}", "samovar.task.id=1", "samovar.task.name=brew",
            "samovar.task.attempt=1", "samovar.outcome=succeeded",
        ]);
        Activity.Current.ShouldBe(request);
    }

    [ThreadFact]
    public async Task A_failed_task_has_its_error_and_the_retries_before_it()
    {
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using var executor = new ThreadExecutor(new() { Workers = 1 });

        var failed = executor.Submit(Fail, new() { Retry = new() { MaxAttempts = 2 } });
        await failed.EndedAsync();

        var span = recorder.Stopped.ShouldHaveSingleItem();
        (span.Status, span.StatusDescription).ShouldBe((ActivityStatusCode.Error, "cold water"));
        span.GetTagItem(SamovarTelemetry.ErrorTypeKey).ShouldBe("System.FormatException");
        span.GetTagItem(SamovarTelemetry.TaskAttemptKey).ShouldBe(2);
        span.Events.Select(static happened => happened.Name).ShouldBe(["samovar.retry"]);
    }

    [ThreadFact]
    public async Task A_cancelled_task_is_no_error()
    {
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        using var stop = new CancellationTokenSource();

        var canceled = executor.Submit(static async token => await Task.Delay(Timeout.InfiniteTimeSpan, token), new() { CancellationToken = stop.Token });
        await stop.CancelAsync();
        await canceled.EndedAsync();

        var span = recorder.Stopped.ShouldHaveSingleItem();
        (span.Status, span.GetTagItem(SamovarTelemetry.OutcomeKey)).ShouldBe((ActivityStatusCode.Unset, "canceled"));
    }

    [ThreadFact]
    public async Task A_task_that_is_not_accepted_ends_its_activity()
    {
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        using var stream = new MemoryStream();

        Should.Throw<UnshippableException>(() => executor.Submit(() => stream.Length));

        recorder.Stopped.ShouldHaveSingleItem().Status.ShouldBe(ActivityStatusCode.Error);
        Activity.Current.ShouldBe(request);
    }

    [ThreadFact]
    public async Task Where_the_flow_is_suppressed_there_is_none()
    {
        using var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Future<string?> future;

        using (ExecutionContext.SuppressFlow()) future = executor.Submit(Current);

        (await future).ShouldBeNull();
        recorder.Stopped.ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task The_submitters_activity_is_current_again_although_it_has_stopped()
    {
        var request = new Activity("request").Start();
        using var recorder = new SpanRecorder(request);
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var context = ExecutionContext.Capture()!;
        request.Stop();
        Future<string?>? task = null;

        ExecutionContext.Run(
            context,
            _ =>
            {
                task = executor.Submit(Current);
                Activity.Current.ShouldBe(request);
            },
            null);

        await task!;
        recorder.Stopped.ShouldHaveSingleItem().ParentSpanId.ShouldBe(request.SpanId);
    }

    [ThreadFact]
    public async Task A_listener_that_throws_at_the_start_of_an_activity_leaves_the_submitters_current()
    {
        using var request = new Activity("request").Start();
        var trace = request.TraceId;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SamovarTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStarted = started =>
            {
                if (started.TraceId == trace) throw new InvalidOperationException("the exporter is gone");
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        FailureSource? reported = null;
        executor.UnobservedFailure += failure => reported = failure.Source;

        var task = executor.Submit(Current);

        Activity.Current.ShouldBe(request);
        reported.ShouldBe(FailureSource.MeterListener);
        (await task).ShouldBe(request.Id);
    }

    private static string? Current() => Activity.Current?.Id;

    private static int Fail() => throw new FormatException("cold water");
}
