using System.Buffers;
using System.Runtime.Versioning;
using Samovar.Serialization;
using Samovar.Tests.Contract;

namespace Samovar.Tests.Actors;

/// <summary>Actors that are captured by work in other processes.</summary>
[SupportedOSPlatform("linux")]
public sealed class CapturedActorTests
{
    [ProcessFact]
    public async Task A_call_from_a_worker_runs_where_the_actor_lives()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var threads = new ThreadExecutor();
        await using var own = await pool.CreateActorAsync(static () => new TestModel());
        await using var local = await threads.CreateActorAsync(static () => new TestModel());
        int home = await own.CallAsync(static model => model.Process);
        (await pool.Submit(async () => (Environment.ProcessId == home, await own.CallAsync(static _ => Environment.ProcessId)))).ShouldBe((false, home));
        (await pool.Submit(() => local.CallAsync(static _ => Environment.ProcessId).Result)).ShouldBe(Environment.ProcessId);
    }

    [ProcessFact]
    public async Task Long_arguments_and_results_travel()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new List<byte[]>());
        byte[] sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        byte[] received = await pool.Submit(async () =>
        {
            await actor.CallAsync(list => list.Add(sent));
            return await actor.CallAsync(static list => list[0]);
        });
        received.ShouldBe(sent);
    }

    [ProcessFact]
    public async Task A_cancelled_call_of_a_worker_is_cancelled_in_the_actor()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel());
        using var started = new ProcessGate();
        var state = await pool.Submit(async () =>
        {
            var call = actor.CallAsync(async (_, token) =>
            {
                started.Open();
                await Task.Delay(Timeout.Infinite, token);
            });
            started.Pass();
            call.Cancel();
            await Futures.WaitAsync([call]);
            return call.State;
        });
        state.ShouldBe(FutureState.Canceled);
        await actor.DrainAsync().WaitAsync(TestTimeout.Wait);
        actor.GetStatistics().Canceled.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_call_that_times_out_fails_with_the_timeout_of_the_actor()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel());
        string error = await pool.Submit(async () =>
        {
            var call = actor.CallAsync(static (_, token) => Task.Delay(Timeout.Infinite, token), new() { Name = "slow", Timeout = TimeSpan.FromMilliseconds(20) });
            await Futures.WaitAsync([call]);
            return $"{call.Exception!.GetType().Name} {call.Exception.Message}";
        });
        error.ShouldStartWith(nameof(TaskTimeoutException));
        error.ShouldContain("'slow'");
    }

    [ProcessFact]
    public async Task An_actor_that_calls_itself_from_its_process_is_refused()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel(), new() { Name = "self" });
        var call = actor.CallAsync(_ => actor.CallAsync(static model => model.Add(1)).Wait());
        (await Should.ThrowAsync<InvalidOperationException>(async () => await call)).Message.ShouldContain("'self'");
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
    }

    [ProcessFact]
    public async Task One_actor_calls_another()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var first = await pool.CreateActorAsync(static () => new TestModel());
        await using var second = await pool.CreateActorAsync(static () => new TestModel());
        (await first.CallAsync(async model => model.Add(await second.CallAsync(static other => other.Add(7))))).ShouldBe(1);
        (await first.CallAsync(static model => model.Seen())).ShouldBe([1]);
        (await second.CallAsync(static model => model.Seen())).ShouldBe([7]);
    }

    [ProcessFact]
    public async Task Calls_of_a_task_that_was_killed_complete_in_the_actor()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel());
        using ProcessGate begun = new(), release = new();
        var dying = pool.Submit(async () =>
        {
            _ = actor.CallAsync(_ =>
            {
                begun.Open();
                release.Pass();
            });
            _ = actor.CallAsync(static model => model.Add(1));
            begun.Pass();
            Environment.FailFast("the caller dies");
            await Task.CompletedTask;
        });
        await Should.ThrowAsync<WorkerCrashedException>(async () => await dying);
        release.Open();
        await actor.DrainAsync().WaitAsync(TestTimeout.Wait);
        (await actor.CallAsync(static model => model.Seen())).ShouldBe([1]);
        (await pool.Submit(async () => await actor.CallAsync(static model => model.Add(2)))).ShouldBe(2);
    }

    [ProcessFact]
    public async Task The_death_of_the_actor_fails_the_call_of_the_worker()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel(), new() { Name = "frail" });
        string error = await pool.Submit(async () =>
        {
            var call = actor.CallAsync(static _ => Environment.Exit(7));
            await Futures.WaitAsync([call]);
            return $"{call.Exception!.GetType().Name} {call.Exception.Message}";
        });
        error.ShouldStartWith(nameof(ActorLostException));
        error.ShouldContain("'frail'");
    }

    [ProcessFact]
    public async Task A_result_that_cannot_travel_fails_the_call()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var threads = new ThreadExecutor();
        await using var actor = await threads.CreateActorAsync(static () => new TestModel());
        string error = await pool.Submit(async () =>
        {
            var call = actor.CallAsync(static _ => Thread.CurrentThread);
            await Futures.WaitAsync([call]);
            return call.Exception!.GetType().Name;
        });
        error.ShouldBe(nameof(UnshippableException));
    }

    [ProcessFact]
    public async Task An_error_that_cannot_travel_is_described_to_the_caller()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var threads = new ThreadExecutor();
        await using var actor = await threads.CreateActorAsync(static () => new TestModel());
        string error = await pool.Submit(async () =>
        {
            var call = actor.CallAsync(static _ => throw new StuckException("stays at home"));
            await Futures.WaitAsync([call]);
            return $"{call.Exception!.GetType().Name}: {call.Exception.Message}";
        });
        error.ShouldStartWith(nameof(RemoteException));
        error.ShouldContain("stays at home");
    }

    [ProcessFact]
    public async Task What_a_copy_cannot_do_is_refused_with_a_sentence()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel(), new() { Name = "far" });
        string[] errors = await pool.Submit(async () =>
        {
            var errors = new List<string>();
            await RefusedAsync(() => actor.DisposeAsync().AsTask());
            await RefusedAsync(() => actor.DrainAsync());
            await RefusedAsync(() => Task.FromResult(actor.GetStatistics()));
            await RefusedAsync(() => Task.FromResult(actor.Executor));
            await RefusedAsync(async () => await actor.CallAsync(static model => model.Add(1), new() { Priority = TaskPriority.High }));
            await RefusedAsync(async () => await actor.CallAsync(model => model.Add(Environment.CurrentManagedThreadId), new() { Retry = new RetryPolicy() }));
            return errors.ToArray();

            async Task RefusedAsync(Func<Task> use)
            {
                try
                {
                    await use();
                    errors.Add("succeeded");
                }
                catch (Exception error) when (error is InvalidOperationException or ArgumentException)
                {
                    errors.Add(error.Message);
                }
            }
        });
        errors.ShouldAllBe(static error => error.Contains("'far'"));
        errors[0].ShouldContain("DisposeAsync");
        (await actor.CallAsync(static model => model.Seen())).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_copy_is_useless_once_its_task_has_completed()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await using var actor = await pool.CreateActorAsync(static () => new TestModel(), new() { Name = "far" });
        await pool.Submit(() => { Kept.Actor = actor; });
        string error = await pool.Submit(async () =>
        {
            var call = Kept.Actor!.CallAsync(static model => model.Add(1));
            await Futures.WaitAsync([call]);
            return call.Exception!.Message;
        });
        error.ShouldContain("a task which has completed");
    }

    [ProcessFact]
    public async Task A_child_process_calls_an_actor()
    {
        await using var threads = new ThreadExecutor();
        await using var actor = await threads.CreateActorAsync(static () => new TestModel());
        var child = ChildProcess.Start(async () => (await actor.CallAsync(static model => model.Add(3)), await actor.CallAsync(static _ => Environment.ProcessId)));
        (await child.JoinAsync()).ShouldBe((1, Environment.ProcessId));
    }

    [ShipWith(typeof(StuckCodec))]
    private sealed class StuckException(string message) : Exception(message);

    private sealed class StuckCodec : PayloadCodec<StuckException>
    {
        public override void Write(StuckException value, IBufferWriter<byte> output) => throw new NotSupportedException("It cannot be written.");

        public override StuckException Read(ReadOnlySpan<byte> payload) => throw new NotSupportedException("It cannot be read.");
    }

    private static class Kept
    {
        public static Actor<TestModel>? Actor { get; set; }
    }
}
