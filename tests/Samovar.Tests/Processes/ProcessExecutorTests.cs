using System.Runtime.Versioning;
using Samovar.Processes.Parent;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>What an executor on worker processes does when all goes well.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExecutorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task Work_runs_in_another_process_and_its_result_comes_back()
    {
        await using var pool = PoolUnderTest.Build();
        int limit = 20;

        var future = pool.Submit(() => (limit + 1, Environment.ProcessId));
        var (result, process) = await future;

        result.ShouldBe(21);
        process.ShouldNotBe(Environment.ProcessId);
        future.Worker!.ProcessId.ShouldBe(process);
    }

    [ProcessFact]
    public async Task The_same_delegate_carries_the_state_that_its_target_has_at_each_submission()
    {
        await using var pool = PoolUnderTest.Build();
        var counter = new Counter();
        Func<int> ofClass = counter.Next;
        Func<int> ofStruct = new StructCounter { Count = 6 }.Next; // of a copy, which the delegate holds
        Func<int> ofNothing = static () => 9;
        for (int round = 0; round < 3; round++)
        {
            counter.Count = round;
            (await pool.Submit(ofClass)).ShouldBe(round + 1);
            int here = ofStruct();
            (await pool.Submit(ofStruct)).ShouldBe(here + 1);
            (await pool.Submit(ofNothing)).ShouldBe(9);
            (await pool.Submit(ofNothing, new() { Timeout = TestTimeout.Wait, Name = "again" })).ShouldBe(9);
        }
    }

    [ProcessFact]
    public async Task Every_shape_of_work_is_run_and_every_kind_of_result_comes_back()
    {
        await using var pool = PoolUnderTest.Build();

        await pool.Submit(static () => { });
        await pool.Submit(static (CancellationToken _) => { });
        await pool.Submit(static async () => await Task.Yield());
        await pool.Submit(static async (CancellationToken token) => await Task.Delay(1, token));
        (await pool.Submit(static () => "one")).ShouldBe("one");
        (await pool.Submit(static (CancellationToken token) => token.CanBeCanceled)).ShouldBeTrue();
        (await pool.Submit(static async () => { await Task.Yield(); return 3; })).ShouldBe(3);
        (await pool.Submit(static async (CancellationToken token) => { await Task.Delay(1, token); return new[] { 4 }; })).ShouldBe([4]);
    }

    [ProcessFact]
    public async Task A_delegate_that_passes_by_variance_returns_its_result_as_the_type_it_was_submitted_as()
    {
        await using var pool = PoolUnderTest.Build();
        Func<string> text = static () => "tea";

        (await pool.Submit<object>(text)).ShouldBe("tea");
    }

    [ProcessFact]
    public async Task An_error_arrives_as_its_own_type_with_the_stack_of_the_worker()
    {
        await using var pool = PoolUnderTest.Build();

        var error = await Should.ThrowAsync<InvalidOperationException>(pool.Submit(Fail).AsTask());

        error.Message.ShouldBe("cold water");
        error.StackTrace!.ShouldContain(nameof(Fail));
    }

    [ProcessFact]
    public async Task What_cannot_travel_is_refused_at_submit_and_the_task_never_was()
    {
        await using var pool = PoolUnderTest.Build();
        using var stream = new FileStream("/dev/null", FileMode.Open);

        Should.Throw<UnshippableException>(() => Submit(pool, stream)).MemberPath.ShouldContain("stream");

        pool.GetStatistics().Submitted.ShouldBe(0);
        await pool.DrainAsync(Token);
        static Future<long> Submit(ProcessExecutor pool, FileStream stream) => pool.Submit(() => stream.Length);
    }

    [ProcessFact]
    public async Task Lambdas_next_to_one_that_uses_the_pool_travel_and_named_objects_arrive_as_themselves()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        var config = new Dictionary<string, int> { ["k"] = 2 };
        var state = Level.High;
        string[] files = ["a", "bcd"];

        // The inner lambda shares the closure of the outer one, which holds the pool.
        var lengths = files.Select(f => pool.Submit(() => f.Length * config["k"])).ToList();
        var (isHigh, back) = await pool.Submit(() => (state == Level.High, Level.Low));

        (await lengths[0] + await lengths[1]).ShouldBe(8);
        isHigh.ShouldBeTrue();
        back.ShouldBeSameAs(Level.Low);
    }

    [ProcessFact]
    public async Task A_result_that_cannot_travel_fails_its_own_task_only()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        var future = pool.Submit(static () => new FileStream("/dev/null", FileMode.Open), new() { Retry = new() });
        await Should.ThrowAsync<UnshippableException>(future.AsTask());
        future.Attempt.ShouldBe(1, "another attempt would end in the same way");

        (await pool.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task Arguments_are_taken_as_they_are_at_submit()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        int[] numbers = [1, 2, 3];

        var sum = pool.Submit(() => numbers.Sum());
        numbers[0] = 100;

        (await sum).ShouldBe(6);
    }

    [ProcessFact]
    public async Task Work_and_results_larger_than_the_ring_travel()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        foreach (int size in (int[])[30_000, 33_000, 300_000, 20_000_000])
        {
            byte[] bytes = new byte[size];
            bytes[^1] = 7;

            byte[] back = await pool.Submit(() =>
            {
                bytes[0] = 9;
                return bytes;
            });

            (back.Length, back[0], back[^1]).ShouldBe((size, (byte)9, (byte)7));
        }
    }

    [ProcessFact]
    public async Task Ten_thousand_tasks_end_each_with_its_own_result()
    {
        await using var pool = PoolUnderTest.Build();

        var futures = Enumerable.Range(0, 10_000).Select(i => pool.Submit(Doubled(i))).ToArray();

        for (int i = 0; i < futures.Length; i++) (await futures[i]).ShouldBe(2 * i);
        static Func<int> Doubled(int i) => () => 2 * i;
    }

    [ProcessFact]
    public async Task A_map_gives_every_item_its_own_outcome()
    {
        await using var pool = PoolUnderTest.Build();

        var outcomes = await pool.MapOutcomes(
            Enumerable.Range(0, 5000), static i => i % 1000 == 7 ? throw new ArgumentException($"{i}") : i + 1,
            cancellationToken: Token).ToListAsync(Token);

        outcomes.Count.ShouldBe(5000);
        outcomes.Count(static o => o.Error is ArgumentException).ShouldBe(5);
        outcomes.Where(static o => o.IsSuccess).ShouldAllBe(static o => o.Value == o.Index + 1);
    }

    [ProcessFact]
    public async Task An_item_of_a_map_that_cannot_travel_loses_only_itself()
    {
        await using var pool = PoolUnderTest.Build();
        using var stream = new FileStream("/dev/null", FileMode.Open);
        object[] items = [.. Enumerable.Range(0, 100).Select(i => i == 41 ? stream : (object)i)];

        var outcomes = await pool.MapOutcomes(items, static item => item is int, new() { BatchSize = 16 }, Token).ToListAsync(Token);

        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([41]);
        outcomes.Count.ShouldBe(100);
    }

    [ProcessFact]
    public async Task A_result_of_a_map_that_cannot_travel_loses_only_itself()
    {
        await using var pool = PoolUnderTest.Build();

        var outcomes = await pool.MapOutcomes(
            Enumerable.Range(0, 100), static i => i == 41 ? new MemoryStream() : (object)i, new() { BatchSize = 16 }, Token).ToListAsync(Token);

        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([41]);
        outcomes.Count.ShouldBe(100);
    }

    [ProcessFact]
    public async Task A_task_knows_itself_and_its_reports_arrive_before_its_end()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        var reported = new Reported<TaskProgress>();

        var future = pool.Submit(
            static () =>
            {
                var self = TaskContext.Current!;
                for (int i = 0; i <= 100; i++) self.Report(i / 100.0, $"{i}");
                return (self.Name, self.TaskId, self.Attempt, self.WorkerId);
            },
            new() { Name = "brew", Progress = reported });
        var result = await future;

        result.ShouldBe(("brew", future.Id, 1, future.Worker!.Id));
        reported.Values.Select(static p => p.Message).ShouldBe(Enumerable.Range(0, 101).Select(static i => $"{i}"));
        future.Progress!.Value.Fraction.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_token_and_progress_in_a_closure_stay_connected()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var source = new CancellationTokenSource();
        var reported = new Reported<int>();

        var future = Submit(pool, source.Token, reported);
        await reported.FirstAsync();
        await source.CancelAsync();

        (await future).ShouldBeTrue();
        reported.Values.ShouldBe([1, 2]);

        static Future<bool> Submit(ProcessExecutor pool, CancellationToken token, IProgress<int> progress) => pool.Submit(() =>
        {
            progress.Report(1);
            token.WaitHandle.WaitOne();
            progress.Report(2);
            return token.IsCancellationRequested;
        });
    }

    [ProcessFact]
    public async Task Workers_as_threads_of_this_process_do_the_same()
    {
        var pool = new ProcessExecutor(new() { Workers = 2, InProcess = true });
        int[] numbers = [1, 2, 3];

        var first = pool.Submit(() =>
        {
            numbers[0] = 10;
            return (numbers.Sum(), Environment.ProcessId);
        });

        (await first).ShouldBe((15, Environment.ProcessId));
        numbers[0].ShouldBe(1); // it worked on a copy
        (await pool.Map(Enumerable.Range(0, 1000), static i => i + 1, cancellationToken: Token).ToListAsync(Token)).ShouldBe(Enumerable.Range(1, 1000));
        await pool.DisposeAsync();
    }

    private static void Fail() => throw new InvalidOperationException("cold water");

    [ProcessFact]
    public async Task A_token_cancelled_while_its_task_waits_behind_another_is_cancelled_when_it_begins()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        for (int i = 0; i < 2000 || ((ProcessPool)pool.Core).WindowSize < 2; i++) await pool.Submit(static () => 1); // tiny tasks, so that more are sent ahead
        using var go = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var (going, stopping) = (go.Token, stop.Token);

        // The running task reads messages meanwhile, and so reads the second task and then its cancellation.
        var first = pool.Submit(() => going.WaitHandle.WaitOne());
        var second = pool.Submit(() => stopping.IsCancellationRequested);
        await TestTimeout.UntilAsync(() => second.State != FutureState.Queued);
        await stop.CancelAsync();
        await go.CancelAsync();

        (await first).ShouldBeTrue();
        (await second).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Workers_run_under_the_configuration_they_are_given()
    {
        using var file = new TemporaryFile();
        string path = file.Path + ".runtimeconfig.json";
        string own = Path.ChangeExtension(typeof(ProcessExecutorTests).Assembly.Location, ".runtimeconfig.json");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(own)).Replace("\"configProperties\": {", "\"configProperties\": { \"tea\": true,", StringComparison.Ordinal));
        try
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options() with { RuntimeConfiguration = path });
            (await pool.Submit(static () => AppContext.TryGetSwitch("tea", out bool isOn) && isOn)).ShouldBeTrue();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Level
    {
        public static readonly Level Low = new(), High = new();

        private Level()
        {
        }
    }

    private sealed class Counter
    {
        public int Count { get; set; }

        public int Next() => ++Count;
    }

    private struct StructCounter
    {
        public int Count { get; set; }

        public int Next() => ++Count;
    }
}
