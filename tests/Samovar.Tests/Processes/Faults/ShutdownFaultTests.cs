using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Executors that end early, late, or are forgotten.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ShutdownFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task Killing_an_executor_that_never_started_does_nothing_and_one_with_dead_workers_throws_nothing()
    {
        var before = await Leftovers.BeforeAsync();
        await PoolUnderTest.Build().ShutdownAsync(ShutdownMode.Kill, cancellationToken: Token);

        var pool = PoolUnderTest.Build(workers: 1);
        int worker = await pool.Submit(static () => Environment.ProcessId);
        LinuxProcessCalls.kill(worker, LinuxProcessCalls.SigKill).ShouldBe(0);
        await pool.ShutdownAsync(ShutdownMode.Kill, cancellationToken: Token);
        Should.Throw<ObjectDisposedException>(() => pool.Submit(static () => 1));
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_worker_that_dies_after_shutdown_was_called_does_not_delay_it()
    {
        var before = await Leftovers.BeforeAsync();
        using (var started = new ProcessGate())
        {
            var pool = PoolUnderTest.Build(workers: 1);
            var loop = Submit(pool, started);
            var rest = Enumerable.Range(0, 10).Select(_ => pool.Submit(static () => 1)).ToArray();
            await started.PassAsync();
            var shutdown = pool.ShutdownAsync(cancellationToken: Token);
            LinuxProcessCalls.kill(loop.Worker!.ProcessId, LinuxProcessCalls.SigKill).ShouldBe(0);
            await shutdown;
            loop.Exception.ShouldBeOfType<WorkerCrashedException>();
            rest.ShouldAllBe(static f => f.State == FutureState.Succeeded);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Waiting_for_the_end_may_be_cancelled_and_killing_works_afterwards()
    {
        var before = await Leftovers.BeforeAsync();
        using (var started = new ProcessGate())
        {
            var pool = PoolUnderTest.Build(workers: 1);
            var loop = Submit(pool, started);
            await started.PassAsync();
            var drained = pool.ShutdownAsync(cancellationToken: Token);
            await Should.ThrowAsync<TimeoutException>(drained.WaitAsync(TimeSpan.FromMilliseconds(1), Token));
            await pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero, Token);
            await drained;
            loop.State.ShouldBe(FutureState.Canceled);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_task_that_cannot_be_shipped_does_not_delay_the_shutdown()
    {
        var before = await Leftovers.BeforeAsync();
        var pool = PoolUnderTest.Build(workers: 1);
        Should.Throw<UnshippableException>(() => pool.Submit(Capturing(new MemoryStream())));
        await pool.ShutdownAsync(cancellationToken: Token);
        await before.ShouldBeNoneAsync();

        static Func<long> Capturing(Stream stream) => () => stream.Length;
    }

    [ProcessFact]
    public async Task Killing_with_much_in_flight_returns()
    {
        var before = await Leftovers.BeforeAsync();
        var pool = PoolUnderTest.Build();
        var futures = Enumerable.Range(0, 12).Select(_ => pool.Submit(Capturing(new byte[10 << 20]))).ToArray();
        for (int i = 0; i < 6; i++) futures[i * 2].Cancel();
        await pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.FromMilliseconds(100), Token);
        futures.ShouldAllBe(static f => f.IsCompleted);
        await before.ShouldBeNoneAsync();

        static Func<byte[]> Capturing(byte[] bytes) => () => bytes;
    }

    [ProcessFact]
    public async Task Ten_tasks_of_a_hundred_MiB_are_cancelled_one_is_not_and_the_end_comes()
    {
        var before = await Leftovers.BeforeAsync();
        using (var release = new ProcessGate())
        {
            byte[] load = new byte[100 << 20];
            var pool = PoolUnderTest.Build(workers: 1);
            var held = Submit(pool, () => release.Pass());
            for (int i = 0; i < 10; i++) Carrying(pool, load).Cancel().ShouldBeTrue();
            var last = Carrying(pool, load);
            release.Open();
            await pool.ShutdownAsync(cancellationToken: Token);
            (await last).ShouldBe(load.Length);
            await held;
        }

        await before.ShouldBeNoneAsync();

        static Future Submit(ProcessExecutor pool, Action work) => pool.Submit(work);
        static Future<int> Carrying(ProcessExecutor pool, byte[] load) => pool.Submit(() => load.Length);
    }

    [ProcessTheory]
    [InlineData(Station.WorkerReads, ShutdownMode.Drain)]
    [InlineData(Station.WorkerReads, ShutdownMode.Kill)]
    [InlineData(Station.WorkerWrites, ShutdownMode.Drain)]
    [InlineData(Station.WorkerWrites, ShutdownMode.Kill)]
    public async Task Workers_that_die_at_their_channel_do_not_delay_the_shutdown(Station station, ShutdownMode mode)
    {
        var before = await Leftovers.BeforeAsync();
        var pool = PoolUnderTest.Build();
        await pool.Submit(static () => 1);
        var dying = Enumerable.Range(0, 6).Select(i => Submit(pool, new Brittle(Fault.Kill, station, i % 2 == 0 ? 16 : 400_000))).ToArray();
        await pool.ShutdownAsync(mode, TimeSpan.FromMilliseconds(100), Token);
        dying.ShouldAllBe(static f => f.State == FutureState.Failed || f.State == FutureState.Canceled);
        if (mode == ShutdownMode.Drain) dying.ShouldAllBe(static f => f.Exception is WorkerCrashedException);
        await before.ShouldBeNoneAsync();

        static Future Submit(ProcessExecutor pool, Brittle brittle) => pool.Submit(() => brittle.Run());
    }

    [ProcessTheory]
    [InlineData(ShutdownMode.CancelQueued)]
    [InlineData(ShutdownMode.Kill)]
    public async Task A_worker_whose_ring_is_full_still_receives_the_stop_request(ShutdownMode mode)
    {
        var before = await Leftovers.BeforeAsync();
        using (var started = new ProcessGate())
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { CancellationGrace = TimeSpan.FromMinutes(5) });
            for (int i = 0; i < 2000; i++) await pool.Submit(static () => 1); // tiny tasks, so that many are sent ahead
            var running = Wait(pool, started);
            var ahead = Enumerable.Range(0, 200).Select(_ => Carrying(pool, new byte[20_000])).ToArray();
            await started.PassAsync();
            var shutdown = pool.ShutdownAsync(mode, TimeSpan.FromMinutes(5), Token);
            running.Cancel();
            await shutdown;
            running.State.ShouldBe(FutureState.Canceled, "it observes its token, so no worker was killed");
            ahead.ShouldAllBe(static f => f.State == FutureState.Canceled);
        }

        await before.ShouldBeNoneAsync();

        static Future<int> Carrying(ProcessExecutor pool, byte[] load) => pool.Submit(() => load.Length);
        static Future Wait(ProcessExecutor pool, Gate started) => pool.Submit(token =>
        {
            started.Open();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        });
    }

    [ProcessFact]
    public async Task A_submit_that_races_with_killing_ends_or_throws()
    {
        var before = await Leftovers.BeforeAsync();
        for (int round = 0; round < 5; round++)
        {
            var pool = PoolUnderTest.Build();
            await pool.Submit(static () => 1);
            var submitting = Task.Run(() => SubmitUntilRefused(pool), Token);
            await pool.ShutdownAsync(round % 2 == 0 ? ShutdownMode.Kill : ShutdownMode.CancelQueued, TimeSpan.Zero, Token);
            var futures = await submitting;
            foreach (var future in futures) await future.EndedAsync();
        }

        await before.ShouldBeNoneAsync();

        static List<Future<int>> SubmitUntilRefused(ProcessExecutor pool)
        {
            var futures = new List<Future<int>>();
            try
            {
                while (true) futures.Add(pool.Submit(static () => 1));
            }
            catch (ObjectDisposedException)
            {
                return futures; // as it should
            }
        }
    }

    [ProcessFact]
    public async Task An_unreferenced_executor_stops_its_workers()
    {
        var before = await Leftovers.BeforeAsync();
        int worker = await ForgetAsync();
        using (var trace = new ProcessTrace(worker))
        {
            while (!trace.EndsWithin(TimeSpan.FromMilliseconds(10)))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Token.ThrowIfCancellationRequested();
            }
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_callback_that_throws_does_not_stop_results_and_what_it_submits_runs()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build(workers: 1))
        {
            var second = new TaskCompletionSource<Future>(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = pool.Submit(static () => 1);
            first.OnCompleted(_ =>
            {
                second.SetResult(pool.Submit(static () => Environment.Exit(42)));
                throw new InvalidOperationException("from the callback");
            });
            (await Should.ThrowAsync<WorkerCrashedException>((await second.Task.WaitAsync(TestTimeout.Wait, Token)).AsTask())).ExitCode.ShouldBe(42);
            (await pool.Submit(static () => 2)).ShouldBe(2);
        }

        await before.ShouldBeNoneAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int> ForgetAsync() => await PoolUnderTest.Build(workers: 1).Submit(static () => Environment.ProcessId);

    private static Future Submit(ProcessExecutor pool, Gate started) => pool.Submit(() =>
    {
        started.Open();
        StubbornWork.Loop();
    });
}
