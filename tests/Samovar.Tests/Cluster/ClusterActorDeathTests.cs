using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Tests.Contract;

namespace Samovar.Tests.Cluster;

/// <summary>What becomes of an actor on a cluster when its process, its node or its owner is gone.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterActorDeathTests
{
    private static readonly ActorOptions s_restarted = new() { Name = "model", Restart = ActorRestart.FromFactory(maxRestarts: 2) };

    [ProcessFact]
    public async Task A_crash_fails_the_running_call_and_every_queued_and_later_one()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: false);
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), new() { Name = "model" });
        var crashing = actor.CallAsync(static _ => Environment.Exit(7));
        var queued = Enumerable.Range(0, 20).Select(i => actor.CallAsync(model => model.Add(i))).ToList();

        var error = await Should.ThrowAsync<ActorLostException>(async () => await crashing);
        error.InnerException.ShouldBeOfType<WorkerCrashedException>().ExitCode.ShouldBe(7);
        foreach (var call in queued)
        {
            var lost = await Should.ThrowAsync<ActorLostException>(async () => await call);
            (lost.Actor, lost.Executor, lost.IsRestarted).ShouldBe(("model", "owner", false));
        }

        Should.Throw<ActorLostException>(() => actor.CallAsync(static model => model.Add(1))).Message.ShouldContain("exited with");
        await actor.DisposeAsync();
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1); // the workers for tasks are others
    }

    [ProcessFact]
    public async Task A_restarted_actor_runs_the_queued_calls_in_order_on_another_object_until_its_limit()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: false);
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        int process = await actor.CallAsync(static model => model.Process);
        for (int round = 1; round <= 3; round++)
        {
            var crashing = actor.CallAsync(static _ => Environment.Exit(7));
            var queued = Enumerable.Range(1, 10).Select(i => actor.CallAsync(model => model.Add(i))).ToList();
            (await Should.ThrowAsync<ActorLostException>(async () => await crashing)).IsRestarted.ShouldBe(round <= 2);
            if (round > 2)
            {
                foreach (var call in queued) await Should.ThrowAsync<ActorLostException>(async () => await call);
                break;
            }

            for (int i = 0; i < queued.Count; i++) (await queued[i]).ShouldBe(i + 1);
            (await actor.CallAsync(static model => model.Seen())).ShouldBe(Enumerable.Range(1, 10));
            int next = await actor.CallAsync(static model => model.Process);
            next.ShouldNotBe(process);
            process = next;
        }

        (actor.GetStatistics().Restarts, actor.GetStatistics().IsLost).ShouldBe((2, true));
        await actor.DisposeAsync();
    }

    [ProcessFact]
    public async Task An_idle_actor_that_is_killed_is_lost_or_restarted_with_the_next_call()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: false);
        var lost = await cluster.Executor.CreateActorAsync(static () => new TestModel());
        var restarted = await cluster.Executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        foreach (var actor in (Actor<TestModel>[])[lost, restarted])
        {
            await actor.CallAsync(static model => model.Add(1));
            using var process = Process.GetProcessById(await actor.CallAsync(static model => model.Process));
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await restarted.CallAsync(static model => model.Add(1))).ShouldBe(1);
        await Should.ThrowAsync<ActorLostException>(async () => await lost.CallAsync(static model => model.Add(1)));
        await lost.DisposeAsync();
        await restarted.DisposeAsync();
    }

    [ProcessFact]
    public async Task A_factory_that_throws_at_a_restart_loses_the_actor_for_good()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: false);
        var wasCreated = cluster.NewGate();
        var actor = await cluster.Executor.CreateActorAsync(
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
        await actor.DisposeAsync();
    }

    [ProcessFact]
    public async Task An_actor_whose_node_leaves_moves_to_another_node_if_it_may_be_restarted()
    {
        await using var cluster = new ClusterUnderTest();
        var first = await cluster.StartNodeAsync("first");
        var lost = await cluster.Executor.CreateActorAsync(static () => new TestModel());
        var moved = await cluster.Executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        (await moved.CallAsync(static model => model.Add(1))).ShouldBe(1);
        var started = cluster.NewGate();
        var stopped = lost.CallAsync(async (_, token) =>
        {
            started.Open();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        });
        var queued = lost.CallAsync(static model => model.Add(1));
        await started.PassAsync();
        await cluster.StartNodeAsync("second");

        await first.StopAsync();

        var error = await Should.ThrowAsync<ActorLostException>(async () => await stopped);
        error.InnerException.ShouldBeOfType<NodeLostException>().Node.ShouldBe("first");
        await Should.ThrowAsync<ActorLostException>(async () => await queued);
        var again = moved.CallAsync(static model => model.Add(1));
        (await again).ShouldBe(1);
        again.Worker!.Name.ShouldContain("second");
        moved.GetStatistics().Restarts.ShouldBe(1);
        await lost.DisposeAsync();
        await moved.DisposeAsync();
    }

    [ProcessFact]
    public async Task An_actor_whose_node_is_silent_is_lost_and_its_queued_calls_run_on_another_node()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await cluster.StartNodeAsync("first", inProcess: false);
        await using var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        using var former = Process.GetProcessById(await actor.CallAsync(static model => model.Process));
        ProcessGate started = cluster.NewGate(), release = cluster.NewGate();
        var running = actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        });
        var queued = Enumerable.Range(1, 5).Select(i => actor.CallAsync(model => model.Add(i))).ToList();
        await started.PassAsync();

        cluster.Transport.Interrupt("first");
        await cluster.StartNodeAsync("second");
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        });

        var error = await Should.ThrowAsync<ActorLostException>(async () => await running);
        error.IsRestarted.ShouldBeTrue();
        error.InnerException.ShouldBeOfType<NodeLostException>().Node.ShouldBe("first");
        (await Futures.WhenAll(queued)).ShouldBe([1, 2, 3, 4, 5]);
        queued[0].Worker!.Name.ShouldContain("second");
        cluster.Transport.Restore("first"); // the owner answers the report of the node that it does not want the instance any more
        await former.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TestTimeout.Wait, CancellationToken.None);
        (await actor.CallAsync(static model => model.Seen())).ShouldBe([1, 2, 3, 4, 5]);
    }

    [ProcessFact]
    public async Task A_node_ends_the_actor_of_an_owner_that_has_ended()
    {
        await using var cluster = new ClusterUnderTest();
        var time = new ManualTimeProvider();
        await cluster.StartNodeAsync("node", inProcess: false, options: new() { Time = time });
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), new() { Name = "orphan" });
        using var worker = Process.GetProcessById(await actor.CallAsync(static model => model.Process));

        await cluster.Transport.Of("owner/orphan").DisposeAsync(); // as if the process had exited

        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5)); // it reports, finds no reply box, and receives nothing
            return worker.HasExited;
        });
    }

    [ProcessFact]
    public async Task A_kill_ends_a_running_call_whose_owner_has_lost_its_connection_for_good()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await cluster.StartNodeAsync("node");
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel(), s_restarted);
        ProcessGate started = cluster.NewGate(), release = cluster.NewGate();
        var running = actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        });
        var queued = actor.CallAsync(static model => model.Add(1));
        await started.PassAsync();
        await cluster.Transport.Of("owner/model").DisposeAsync();

        var killed = cluster.Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return killed.IsCompleted;
        });

        await killed;
        (running.State, queued.State).ShouldBe((FutureState.Canceled, FutureState.Canceled));
    }
}
