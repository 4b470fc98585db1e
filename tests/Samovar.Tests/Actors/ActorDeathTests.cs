using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Tests.Contract;

namespace Samovar.Tests.Actors;

/// <summary>What becomes of an actor, and of its calls, when its process dies.</summary>
[SupportedOSPlatform("linux")]
public sealed class ActorDeathTests
{
    private static readonly ActorOptions s_restarted = new() { Name = "model", Restart = ActorRestart.FromFactory(maxRestarts: 2) };

    [ProcessFact]
    public async Task A_crash_fails_the_running_call_and_every_queued_and_later_one()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1, Name = "pool" });
        var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "model" });
        var crashing = actor.CallAsync(static _ => Environment.Exit(7));
        var queued = Enumerable.Range(0, 20).Select(i => actor.CallAsync(model => model.Add(i))).ToList();
        var error = await Should.ThrowAsync<ActorLostException>(async () => await crashing);
        error.InnerException.ShouldBeOfType<WorkerCrashedException>().ExitCode.ShouldBe(7);
        foreach (var call in queued)
        {
            var lost = await Should.ThrowAsync<ActorLostException>(async () => await call);
            lost.InnerException.ShouldBeOfType<WorkerCrashedException>().ExitCode.ShouldBe(7);
            (lost.Actor, lost.Executor, lost.IsRestarted).ShouldBe(("model", "pool", false));
        }

        Should.Throw<ActorLostException>(() => actor.CallAsync(static model => model.Add(1))).Message.ShouldContain("exited with");
        await actor.DisposeAsync();
        executor.GetStatistics().Submitted.ShouldBe(0);
        (await executor.Submit(static () => 1)).ShouldBe(1); // its own workers are others
    }

    [ProcessFact]
    public async Task A_restarted_actor_runs_the_calls_that_had_not_started_on_another_object_until_its_limit()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        var actor = await executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        int process = await actor.CallAsync(static model => model.Process);
        for (int round = 1; round <= 3; round++)
        {
            await AddManyAsync(actor);
            var crashing = actor.CallAsync(static _ => Environment.Exit(7));
            var queued = Enumerable.Range(1, 10).Select(_ => actor.CallAsync(static model => model.Add(1))).ToList();
            var error = await Should.ThrowAsync<ActorLostException>(async () => await crashing);
            error.IsRestarted.ShouldBe(round <= 2);
            if (round > 2)
            {
                foreach (var call in queued) await Should.ThrowAsync<ActorLostException>(async () => await call);
                break;
            }

            for (int i = 0; i < queued.Count; i++) (await queued[i]).ShouldBe(i + 1);
            int next = await actor.CallAsync(static model => model.Process);
            next.ShouldNotBe(process);
            process = next;
        }

        actor.GetStatistics().Restarts.ShouldBe(2);
        actor.GetStatistics().IsLost.ShouldBeTrue();
        await actor.DisposeAsync();
    }

    [ProcessFact]
    public async Task An_idle_actor_that_is_killed_is_lost_or_restarted_too()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        var lost = await executor.CreateActorAsync(static () => new TestModel());
        var restarted = await executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        foreach (var actor in (Actor<TestModel>[])[lost, restarted])
        {
            await actor.CallAsync(static model => model.Add(1));
            using var process = Process.GetProcessById(await actor.CallAsync(static model => model.Process));
            process.Kill();
            await process.WaitForExitAsync();
        }

        (await restarted.CallAsync(static model => model.Add(1))).ShouldBe(1);
        await Should.ThrowAsync<ActorLostException>(async () => await lost.CallAsync(static model => model.Add(1)));
        await lost.DisposeAsync();
        await restarted.DisposeAsync();
    }

    [ProcessFact]
    public async Task A_factory_that_throws_at_a_restart_loses_the_actor_for_good()
    {
        using var wasCreated = new ProcessGate();
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        var actor = await executor.CreateActorAsync(
            () =>
            {
                if (wasCreated.IsOpen) throw new FormatException("the second time");
                wasCreated.Open();
                return new TestModel();
            },
            s_restarted);
        var crashing = actor.CallAsync(static _ => Environment.Exit(7));
        var queued = actor.CallAsync(static model => model.Add(1));
        await Should.ThrowAsync<ActorLostException>(async () => await crashing);
        (await Should.ThrowAsync<ActorLostException>(async () => await queued)).InnerException.ShouldBeOfType<FormatException>().Message.ShouldBe("the second time");
        Should.Throw<ActorLostException>(() => actor.CallAsync(static model => model.Add(1)));
        await actor.DisposeAsync();
    }

    [ProcessFact]
    public async Task Tasks_that_crash_or_are_recycled_lose_no_actor()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1, MaxTasksPerWorker = 2 });
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        int process = await actor.CallAsync(static model => model.Process);
        await Should.ThrowAsync<WorkerCrashedException>(async () => await executor.Submit(static () => Environment.Exit(7)));
        for (int i = 1; i <= 5; i++)
        {
            (await actor.CallAsync(static model => model.Add(1))).ShouldBe(i);
            (await executor.Submit(static () => Environment.ProcessId)).ShouldNotBe(process);
        }
    }

    [ProcessFact]
    public async Task A_dropped_actor_ends_its_process()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        int id = await CreateAndDropAsync(executor);
        using var process = Process.GetProcessById(id);
        await TestTimeout.UntilAsync(() =>
        {
            GC.Collect();
            return process.HasExited;
        });
        await TestTimeout.UntilAsync(() => executor.Core.MemberCount == 0);
    }

    [ProcessFact]
    public async Task The_error_of_the_disposal_is_that_of_DisposeAsync_and_the_process_exits()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        var actor = await executor.CreateActorAsync(static () => new BadEnd());
        using var process = Process.GetProcessById(await actor.CallAsync(static _ => Environment.ProcessId));
        (await Should.ThrowAsync<FormatException>(async () => await actor.DisposeAsync())).Message.ShouldBe("a bad end");
        await process.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
    }

    [ProcessFact]
    public async Task A_disposal_that_crashes_its_process_is_an_error_and_one_after_a_crash_is_not()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        foreach (var options in (ActorOptions[])[new(), s_restarted])
        {
            var crashing = await executor.CreateActorAsync(static () => new CrashingEnd(), options);
            var error = await Should.ThrowAsync<ActorLostException>(async () => await crashing.DisposeAsync());
            error.InnerException.ShouldBeOfType<WorkerCrashedException>().ExitCode.ShouldBe(8);

            var crashed = await executor.CreateActorAsync(static () => new TestModel(), options);
            var call = crashed.CallAsync(static _ => Environment.Exit(7));
            await crashed.DisposeAsync();
            await Should.ThrowAsync<ActorLostException>(async () => await call);
        }
    }

    [ProcessFact]
    public async Task An_actor_has_the_options_of_its_executor()
    {
        await using var executor = new ProcessExecutor(new()
        {
            Workers = 1,
            Environment = new Dictionary<string, string?> { ["ACTOR_TEST"] = "yes" },
            Initializer = static () => AppContext.SetData("actor test", "initialized"),
        });
        await using var actor = await executor.CreateActorAsync(static () => Tuple.Create(AppContext.GetData("actor test") as string));
        (await actor.CallAsync(static model => model.Item1 + Environment.GetEnvironmentVariable("ACTOR_TEST"))).ShouldBe("initializedyes");
    }

    [ProcessFact]
    public async Task An_initializer_that_throws_and_concurrency_are_refused_with_their_reason()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1, Name = "strict", Initializer = static () => throw new FormatException("not here") });
        var error = await Should.ThrowAsync<WorkerInitializationException>(executor.CreateActorAsync(static () => new TestModel()));
        error.InnerException.ShouldBeOfType<FormatException>();
        error.Executor.ShouldBe("strict");
        (await Should.ThrowAsync<NotSupportedException>(() => executor.CreateActorAsync(static () => new TestModel(), new() { Name = "wide", Concurrency = 4 })))
            .Message.ShouldContain("'wide' has a Concurrency of 4");
    }

    private static async Task AddManyAsync(Actor<TestModel> actor)
    {
        for (int i = 0; i < 5; i++) await actor.CallAsync(static model => model.Add(1));
    }

    private static async Task<int> CreateAndDropAsync(ProcessExecutor executor)
    {
        var actor = await executor.CreateActorAsync(static () => new TestModel());
        return await actor.CallAsync(static model => model.Process);
    }

    private sealed class CrashingEnd : IDisposable
    {
        public void Dispose() => Environment.Exit(8);
    }

    private sealed class BadEnd : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            throw new FormatException("a bad end");
        }
    }
}
