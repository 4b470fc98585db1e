using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>Callers that block for tiny tasks, and read the results in the place of the executor's own thread.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class CallerDrainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task Callers_that_block_and_callers_that_await_each_get_their_own_results()
    {
        const int callers = 3;
        const int each = 1_500;
        await using var pool = PoolUnderTest.Build();
        using var together = new Barrier(callers);

        var blocking = Enumerable.Range(0, callers).Select(caller => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(Token);
                for (int i = 0; i < each; i++)
                {
                    int asked = (caller * each) + i;
                    pool.Submit(() => asked + 1).Result.ShouldBe(asked + 1);
                }
            },
            Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (int i = 0; i < each; i++)
        {
            int asked = -i;
            (await pool.Submit(() => asked - 1)).ShouldBe(asked - 1);
        }

        await Task.WhenAll(blocking);
        pool.GetStatistics().Succeeded.ShouldBe((callers + 1) * each);
    }

    [ProcessFact]
    public async Task A_caller_that_blocks_learns_of_its_workers_death_and_continues_with_the_next()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        for (int round = 0; round < 3; round++)
        {
            int first = BecomeTiny(pool);
            Should.Throw<WorkerCrashedException>(() => pool.Submit(ExitWithSeven).Result).ExitCode.ShouldBe(7);
            BecomeTiny(pool).ShouldNotBe(first);
        }
    }

    [ProcessFact]
    public async Task Blocking_callers_survive_a_shutdown_that_comes_between()
    {
        for (int round = 0; round < 30; round++)
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options() with { InProcess = true });
            BecomeTiny(pool);
            using var together = new Barrier(2);
            var caller = Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(Token);
                    try
                    {
                        while (true) pool.Submit(static () => 1).Result.ShouldBe(1);
                    }
                    catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException)
                    {
                        // The error that a caller gets after a shutdown.
                    }
                },
                Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            together.SignalAndWait(Token);
            await pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
            await caller;
        }
    }

    [ProcessFact]
    public async Task A_caller_that_is_interrupted_gets_the_interrupt_and_no_other_is_disturbed()
    {
        const int fewest = 300;
        await using var pool = PoolUnderTest.Build();
        BecomeTiny(pool);
        using var stop = new CancellationTokenSource();
        int interrupts = 0;
        var disturbed = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    pool.Submit(static () => 1).Result.ShouldBe(1);
                }
                catch (ThreadInterruptedException)
                {
                    Interlocked.Increment(ref interrupts);
                }
            }
        });
        disturbed.Start();

        // Whether an interrupt meets a wait is a matter of chance, so this repeats until one has, within the test's own limit.
        for (int i = 0; i < fewest || Volatile.Read(ref interrupts) == 0; i++)
        {
            disturbed.Interrupt();
            int asked = i;
            pool.Submit(() => asked).Result.ShouldBe(asked);
        }

        await stop.CancelAsync();
        disturbed.Join(TestTimeout.Wait).ShouldBeTrue();
        (await pool.Submit(static () => 2)).ShouldBe(2);
    }

    private static int ExitWithSeven()
    {
        Environment.Exit(7);
        return 0;
    }

    /// <summary>Runs tasks until the executor takes them for tiny; gives the last worker's process.</summary>
    private static int BecomeTiny(ProcessExecutor pool)
    {
        int process = 0;
        for (int i = 0; i < 200; i++) process = pool.Submit(static () => Environment.ProcessId).Result;
        return process;
    }
}
