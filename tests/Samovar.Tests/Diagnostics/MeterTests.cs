using System.Runtime.CompilerServices;
using Samovar.Diagnostics.Metering;
using Samovar.Tasks.Core;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics;

/// <summary>What executors without processes measure; MeterTests of processes has the rest.</summary>
[Collection(nameof(Watching.Watcher))] // while no test watches this process
public sealed class MeterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ThreadTheory]
    [InlineData("thread")]
    [InlineData("loop")]
    [InlineData("inline")]
    public async Task A_completed_task_is_measured_with_its_executor_its_function_and_its_outcome(string type)
    {
        using var recorder = new MeterRecorder();
        await using var executor = Build(type, recorder);

        (await executor.Submit(Brew)).ShouldBe(1);
        await executor.Submit(Spill).EndedAsync();

        var durations = recorder.Of(SamovarTelemetry.TaskDuration);
        durations.Select(static measured => string.Join(' ', measured.Attributes.Values)).ShouldBe(
        [
            $"kitchen {type} MeterTests.Brew succeeded", $"kitchen {type} MeterTests.Spill failed System.FormatException",
        ]);
        durations[1][SamovarTelemetry.ErrorTypeKey].ShouldBe("System.FormatException");
        recorder.Of(SamovarTelemetry.TaskWaitDuration).Select(static measured => measured[SamovarTelemetry.FunctionKey])
            .ShouldBe(["MeterTests.Brew", "MeterTests.Spill"]);
        recorder.Observe(SamovarTelemetry.TaskSubmitted).ShouldHaveSingleItem().Value.ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_listener_that_throws_when_instruments_appear_costs_the_executor_only_its_measurements()
    {
        using var recorder = new MeterRecorder { ListensTo = static _ => throw new InvalidOperationException("the backend is full") };
        await using var executor = Build("thread", recorder);

        (await executor.Submit(Brew)).ShouldBe(1);

        executor.GetStatistics().UnobservedFailures.ShouldBe(1);
        recorder.Of(SamovarTelemetry.TaskDuration).ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task Times_are_those_of_the_executors_clock()
    {
        var time = new ManualTimeProvider();
        using var recorder = new MeterRecorder();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, MeterFactory = recorder });
        var started = new Gate();
        var release = new Gate();
        var first = executor.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        var second = executor.Submit(() => time.Advance(TimeSpan.FromSeconds(2)));
        time.Advance(TimeSpan.FromSeconds(5));
        release.Open();
        await first;
        await second;

        recorder.Of(SamovarTelemetry.TaskDuration).ConvertAll(static measured => measured.Value).ShouldBe([5, 2]);
        recorder.Of(SamovarTelemetry.TaskWaitDuration).ConvertAll(static measured => measured.Value).ShouldBe([0, 5]);
    }

    [ThreadFact]
    public async Task A_repeated_task_counts_its_retries_and_is_measured_once()
    {
        using var recorder = new MeterRecorder();
        await using var executor = new ThreadExecutor(new() { Workers = 1, MeterFactory = recorder });

        await executor.Submit(FailTwice, new() { Retry = new() { MaxAttempts = 3 } });

        recorder.Of(SamovarTelemetry.TaskRetries).ConvertAll(static measured => $"{measured.Value} {measured[SamovarTelemetry.FunctionKey]}")
            .ShouldBe(["1 MeterTests.FailTwice", "1 MeterTests.FailTwice"]);
        recorder.Of(SamovarTelemetry.TaskDuration).ShouldHaveSingleItem()[SamovarTelemetry.OutcomeKey].ShouldBe("succeeded");
        recorder.Of(SamovarTelemetry.TaskWaitDuration).ShouldHaveSingleItem();
    }

    [ThreadFact]
    public async Task A_timeout_is_counted_and_is_an_outcome_of_its_own()
    {
        using var recorder = new MeterRecorder();
        await using var executor = new ThreadExecutor(new() { Workers = 1, MeterFactory = recorder });

        var endless = executor.Submit(WaitAsync, new() { Timeout = TimeSpan.FromMilliseconds(1) });
        await endless.EndedAsync();

        var measured = recorder.Of(SamovarTelemetry.TaskDuration).ShouldHaveSingleItem();
        measured[SamovarTelemetry.OutcomeKey].ShouldBe("timed_out");
        measured[SamovarTelemetry.ErrorTypeKey].ShouldBe(typeof(TaskTimeoutException).FullName);
        recorder.Of(SamovarTelemetry.TaskTimeouts).ShouldHaveSingleItem()[SamovarTelemetry.FunctionKey].ShouldBe("MeterTests.WaitAsync");
    }

    [ThreadFact]
    public async Task Tasks_and_workers_are_counted_by_state_and_a_cancelled_task_that_never_started_has_no_wait()
    {
        using var recorder = new MeterRecorder();
        await using var executor = new ThreadExecutor(new() { Workers = 1, MeterFactory = recorder });
        var started = new Gate();
        var release = new Gate();
        var running = executor.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        Future[] queued = [executor.Submit(static () => { }), executor.Submit(static () => { })];

        var tasks = recorder.Observe(SamovarTelemetry.TaskCount, SamovarTelemetry.TaskStateKey);
        var workers = recorder.Observe(SamovarTelemetry.WorkerCount, SamovarTelemetry.WorkerStateKey);
        foreach (var future in queued) future.Cancel().ShouldBeTrue();
        var canceled = recorder.Of(SamovarTelemetry.TaskDuration);
        int waits = recorder.Of(SamovarTelemetry.TaskWaitDuration).Count;
        release.Open();
        await running;

        tasks.ShouldBe(new Dictionary<string, double> { ["queued"] = 2, ["running"] = 1 }, ignoreOrder: true);
        workers.ShouldBe(new Dictionary<string, double> { ["idle"] = 0, ["busy"] = 1 }, ignoreOrder: true);
        canceled.ConvertAll(static measured => (measured.Value, measured[SamovarTelemetry.OutcomeKey])).ShouldBe([(0, "canceled"), (0, "canceled")]);
        waits.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Executors_of_one_name_are_added_up_and_are_not_reported_after_their_end()
    {
        using var recorder = new MeterRecorder();
        await using (var one = Build("inline", recorder))
        await using (var other = Build("inline", recorder))
        {
            await one.Submit(Brew);
            await other.Submit(Brew);
            await other.Submit(Brew);
            recorder.Observe(SamovarTelemetry.TaskSubmitted).ShouldHaveSingleItem().Value.ShouldBe(3);
        }

        recorder.Observe(SamovarTelemetry.TaskSubmitted).ShouldBeEmpty();
        recorder.Of(SamovarTelemetry.TaskDuration).Count.ShouldBe(3);
    }

    [ThreadFact]
    public async Task Factories_are_separate_and_each_has_one_meter_for_all_its_executors()
    {
        using var one = new MeterRecorder();
        using var other = new MeterRecorder();
        await using var a = Build("inline", one);
        await using var b = Build("thread", one);
        await using var c = Build("inline", other);

        await a.Submit(Brew);
        await b.Submit(Brew);
        await c.Submit(Spill).EndedAsync();

        (one.Meters, other.Meters).ShouldBe((1, 1));
        one.Of(SamovarTelemetry.TaskDuration).Select(static measured => measured[SamovarTelemetry.ExecutorTypeKey]).ShouldBe(["inline", "thread"]);
        other.Of(SamovarTelemetry.TaskDuration).ShouldHaveSingleItem()[SamovarTelemetry.FunctionKey].ShouldBe("MeterTests.Spill");
    }

    [ThreadFact]
    public async Task An_executor_that_is_older_than_the_listener_is_measured_from_then_on()
    {
        using var recorder = new MeterRecorder(listens: false);
        await using var executor = Build("thread", recorder);
        await executor.Submit(Brew);

        recorder.Listen();
        await executor.Submit(Spill).EndedAsync();

        recorder.Of(SamovarTelemetry.TaskDuration).ShouldHaveSingleItem()[SamovarTelemetry.FunctionKey].ShouldBe("MeterTests.Spill");
        recorder.Observe(SamovarTelemetry.TaskSubmitted).ShouldHaveSingleItem().Value.ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_batch_of_a_map_counts_as_one_task_with_the_function_of_the_map()
    {
        using var recorder = new MeterRecorder();
        await using var executor = Build("thread", recorder);

        (await executor.Map(Enumerable.Range(0, 1000), Double, cancellationToken: Token).CountAsync(Token)).ShouldBe(1000);
        await executor.DrainAsync(Token);

        var batches = recorder.Of(SamovarTelemetry.TaskDuration);
        batches.Count.ShouldBe((int)executor.GetStatistics().Succeeded);
        batches.Count.ShouldBeLessThan(1000);
        batches.ShouldAllBe(static measured => measured[SamovarTelemetry.FunctionKey] == "MeterTests.Double");
    }

    [ThreadTheory]
    [InlineData("thread")]
    [InlineData("loop")]
    [InlineData("inline")]
    public async Task A_listener_that_throws_is_reported_and_harms_no_task(string type)
    {
        using var recorder = new MeterRecorder { Measuring = static _ => throw new NotSupportedException("not measured") };
        await using var executor = Build(type, recorder);
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);

        (await executor.Submit(Brew)).ShouldBe(1);

        var failure = await reported.Task.WaitAsync(TestTimeout.Wait, Token);
        (failure.Source, failure.Exception.Message).ShouldBe((FailureSource.MeterListener, "not measured"));
    }

    [ThreadFact]
    public async Task Instruments_keep_no_executor_alive()
    {
        using var recorder = new MeterRecorder();

        await new[] { Forgotten(recorder) }.ShouldDieAsync("an executor that is measured");
    }

    [ThreadFact]
    public async Task Nothing_is_allocated_while_no_one_listens()
    {
        using var recorder = new MeterRecorder(listens: false);
        await using var executor = Build("inline", recorder);
        Future future = executor.Submit(Brew);
        var meter = executor.Core.Meter!;
        var failure = new FormatException();
        Measure(1); // compiles it

        long before = GC.GetAllocatedBytesForCurrentThread();
        Measure(1000);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Measure(int times)
        {
            for (int i = 0; i < times; i++)
            {
                TaskMeasures.Completed(future, FutureState.Succeeded, shipping: null);
                TaskMeasures.Retried(future, 1, 0, failure);
                TaskMeasures.TimedOut(future);
                meter.Shipped(ShippingDirection.Send, meter.BeginShipping());
                meter.Weighed(ShippingDirection.Receive, i);
                if (TaskSpan.IsOn) break; // another test listens to the source, which does not concern this one
            }
        }
    }

    [ThreadFact]
    public async Task A_listener_of_other_instruments_gets_no_measurement_of_tasks()
    {
        using var recorder = new MeterRecorder(listens: false) { ListensTo = static name => name == SamovarTelemetry.TaskSubmitted };
        recorder.Listen();
        await using var executor = Build("thread", recorder);

        await executor.Submit(Brew);

        executor.Core.Meter!.IsOn.ShouldBeFalse();
        recorder.Observe(SamovarTelemetry.TaskSubmitted).ShouldHaveSingleItem();
        recorder.Of(SamovarTelemetry.TaskDuration).ShouldBeEmpty();
    }

    [ThreadFact]
    public void Functions_beyond_the_limit_share_one_name()
    {
        var names = new FunctionNames(most: 2);

        string[] given = [names.Of(Brew), names.Of(Spill), names.Of(FailTwice), names.Of(Brew), names.Of(static () => { })];

        given.ShouldBe(["MeterTests.Brew", "MeterTests.Spill", "other", "MeterTests.Brew", "other"]);
    }

    [ThreadFact]
    public void A_delegate_whose_target_names_its_work_has_that_name()
    {
        var names = new FunctionNames(most: 3);
        NamedCaller brew = new("Kitchen.Brew"), spill = new("Kitchen.Spill");

        string[] given = [names.Of(brew.Run), names.Of(spill.Run), names.Of(brew.Run), names.Of(Brew), names.Of(new NamedCaller("Kitchen.Brew").Run), names.Of(new NamedCaller("Kitchen.Burn").Run)];

        given.ShouldBe(["Kitchen.Brew", "Kitchen.Spill", "Kitchen.Brew", "MeterTests.Brew", "Kitchen.Brew", "other"]);
    }

    private static Executor Build(string type, MeterRecorder recorder) => type switch
    {
        "thread" => new ThreadExecutor(new() { Name = "kitchen", Workers = 1, MeterFactory = recorder }),
        "loop" => new EventLoop(new EventLoopOptions { Name = "kitchen", MeterFactory = recorder }),
        _ => new InlineExecutor(new() { Name = "kitchen", MeterFactory = recorder }),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forgotten(MeterRecorder recorder)
    {
        var executor = new InlineExecutor(new() { MeterFactory = recorder });
        executor.Submit(Brew).Wait();
        recorder.Observe(SamovarTelemetry.TaskSubmitted).Count.ShouldBe(1);
        return new WeakReference(executor.Core);
    }

    private static int Brew() => 1;

    private static int Spill() => throw new FormatException("spilled");

    private static int Double(int number) => 2 * number;

    private static int FailTwice() => TaskContext.Current!.Attempt < 3 ? throw new FormatException("not yet") : 3;

    private static async Task WaitAsync(CancellationToken token) => await Task.Delay(Timeout.InfiniteTimeSpan, token);
}
