using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>What an executor on worker processes measures.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class MeterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task A_task_is_measured_once_in_the_process_that_submitted_it_with_what_travels()
    {
        using var recorder = new MeterRecorder();
        await using var pool = Build(recorder);

        (await pool.Submit(Brew)).ShouldBe(1);
        await pool.Submit(Spill).EndedAsync();

        recorder.Of(SamovarTelemetry.TaskDuration).ConvertAll(static measured => string.Join(' ', measured.Attributes.Values))
            .ShouldBe(["kitchen process MeterTests.Brew succeeded", "kitchen process MeterTests.Spill failed System.FormatException"]);
        recorder.Of(SamovarTelemetry.TaskWaitDuration).Count.ShouldBe(2);
        var sizes = recorder.Of(SamovarTelemetry.ShippingSize);
        sizes.ConvertAll(static measured => measured[SamovarTelemetry.DirectionKey]).ShouldBe(["send", "receive", "send", "receive"], ignoreOrder: true);
        sizes.ShouldAllBe(static measured => measured.Value > 0);
        recorder.Of(SamovarTelemetry.ShippingDuration).Count(static measured => measured[SamovarTelemetry.DirectionKey] == "send").ShouldBe(2);
        recorder.Of(SamovarTelemetry.ShippingDuration).Count(static measured => measured[SamovarTelemetry.DirectionKey] == "receive").ShouldBe(2);
        recorder.Of(SamovarTelemetry.WorkerRestarts).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Tasks_and_workers_are_counted_by_state()
    {
        using var recorder = new MeterRecorder();
        await using var pool = Build(recorder);
        using var started = new ProcessGate();
        using var release = new ProcessGate();
        var running = pool.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        var waiting = pool.Submit(Brew);

        var tasks = recorder.Observe(SamovarTelemetry.TaskCount, SamovarTelemetry.TaskStateKey);
        var workers = recorder.Observe(SamovarTelemetry.WorkerCount, SamovarTelemetry.WorkerStateKey);
        release.Open();
        await running;
        await waiting;

        tasks["running"].ShouldBe(1);
        (tasks["queued"] + tasks["sent"]).ShouldBe(1);
        workers.ShouldBe(new Dictionary<string, double> { ["idle"] = 0, ["busy"] = 1, ["starting"] = 0, ["stopping"] = 0 }, ignoreOrder: true);
    }

    [ProcessFact]
    public async Task A_crash_is_an_error_of_its_task_and_a_restart()
    {
        using var recorder = new MeterRecorder();
        await using var pool = Build(recorder);

        await pool.Submit(static () => Environment.FailFast("on purpose")).EndedAsync();

        var measured = recorder.Of(SamovarTelemetry.TaskDuration).ShouldHaveSingleItem();
        (measured[SamovarTelemetry.OutcomeKey], measured[SamovarTelemetry.ErrorTypeKey]).ShouldBe(("failed", typeof(WorkerCrashedException).FullName));
        recorder.Of(SamovarTelemetry.WorkerRestarts).ShouldHaveSingleItem()[SamovarTelemetry.ReasonKey].ShouldBe("crash");
    }

    [ProcessFact]
    public async Task A_worker_that_is_killed_for_its_task_or_has_run_enough_of_them_is_a_restart_with_that_reason()
    {
        using var recorder = new MeterRecorder();
        await using (var pool = Build(recorder))
        {
            await pool.Submit(Endless, new() { Timeout = TimeSpan.FromMilliseconds(50) }).EndedAsync();
            var endless = pool.Submit(Endless);
            await endless.UntilRunningAsync();
            endless.Cancel();
            await endless.EndedAsync();
        }

        await using (var pool = new ProcessExecutor(Options(recorder) with { MaxTasksPerWorker = 1 }))
        {
            await pool.Submit(Brew);
            await TestTimeout.UntilAsync(() => recorder.Of(SamovarTelemetry.WorkerRestarts).Count == 3);
        }

        recorder.Of(SamovarTelemetry.WorkerRestarts).ConvertAll(static measured => measured[SamovarTelemetry.ReasonKey])
            .ShouldBe(["timeout", "canceled", "recycled"]);
        recorder.Of(SamovarTelemetry.TaskDuration).ConvertAll(static measured => measured[SamovarTelemetry.OutcomeKey])
            .ShouldBe(["timed_out", "canceled", "succeeded"]);
        recorder.Of(SamovarTelemetry.TaskTimeouts).ShouldHaveSingleItem();
    }

    [ProcessFact]
    public async Task A_batch_of_a_map_counts_as_one_task_with_the_function_of_the_map()
    {
        using var recorder = new MeterRecorder();
        await using var pool = Build(recorder);

        (await pool.Map(Enumerable.Range(0, 1000), Double, cancellationToken: Token).CountAsync(Token)).ShouldBe(1000);
        await pool.DrainAsync(Token);

        var batches = recorder.Of(SamovarTelemetry.TaskDuration);
        batches.Count.ShouldBe((int)pool.GetStatistics().Succeeded);
        batches.ShouldAllBe(static measured => measured[SamovarTelemetry.FunctionKey] == "MeterTests.Double");
    }

    private static ProcessExecutor Build(MeterRecorder recorder) => new(Options(recorder));

    private static ProcessExecutorOptions Options(MeterRecorder recorder) => PoolUnderTest.Options(workers: 1) with { Name = "kitchen", MeterFactory = recorder };

    private static void Endless() => new ManualResetEventSlim().Wait(Timeout.InfiniteTimeSpan);

    private static int Brew() => 1;

    private static int Spill() => throw new FormatException("spilled");

    private static int Double(int number) => 2 * number;
}
