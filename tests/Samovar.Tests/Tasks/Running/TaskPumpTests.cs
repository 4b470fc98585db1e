namespace Samovar.Tests.Tasks.Running;

/// <summary>Asynchronous work on a worker thread.</summary>
public sealed class TaskPumpTests
{
    [ThreadFact]
    public async Task Continuations_run_on_the_workers_own_thread()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var threads = await executor.Submit(static async () =>
        {
            var threads = new List<Thread> { Thread.CurrentThread };
            for (int i = 0; i < 5; i++)
            {
                await Task.Yield();
                threads.Add(Thread.CurrentThread);
            }

            return threads;
        });
        threads.Distinct().ShouldHaveSingleItem();
    }

    [ThreadFact]
    public async Task Posts_run_in_order_and_a_send_from_outside_waits_and_throws_at_its_sender()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate release = new();
        var known = new TaskCompletionSource<(SynchronizationContext, Thread)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var future = executor.Submit(async () =>
        {
            known.SetResult((SynchronizationContext.Current!, Thread.CurrentThread));
            await release.PassAsync();
        });
        var (pump, worker) = await known.Task;
        var order = new List<int>();
        for (int i = 0; i < 10; i++)
        {
            int number = i;
            pump.Post(_ => order.Add(number), null);
        }

        Thread? ran = null;
        await TestSupport.OnOwnThread(() =>
        {
            pump.Send(_ => ran = Thread.CurrentThread, null);
            Should.Throw<FormatException>(() => pump.Send(static _ => throw new FormatException(), null));
        });
        ran.ShouldBeSameAs(worker);
        order.ShouldBe(Enumerable.Range(0, 10));
        release.Open();
        await future;
        var late = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        pump.Post(_ => late.SetResult(Thread.CurrentThread.IsThreadPoolThread), null);
        (await late.Task).ShouldBeTrue("what arrives after the end belongs to no worker");
    }

    [ThreadFact]
    public async Task Work_that_a_waiting_asynchronous_task_runs_itself_may_block_for_its_own_continuations()
    {
        var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate release = new(), inside = new();
        try
        {
            var outer = executor.Submit(async () =>
            {
                int thread = Environment.CurrentManagedThreadId;
                var inner = executor.Submit(() =>
                {
                    Environment.CurrentManagedThreadId.ShouldBe(thread, "its waiter runs it");
                    ((IAsyncResult)PassAsync()).AsyncWaitHandle.WaitOne(TestTimeout.Wait / 2).ShouldBeTrue();
                });
                inner.Wait();
                SynchronizationContext.Current.ShouldNotBeNull("it continues where it was");
                await Task.Yield();
                Environment.CurrentManagedThreadId.ShouldBe(thread);
                return inner.State;
            });
            await inside.PassAsync();
            release.Open();
            (await outer.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(FutureState.Succeeded);
        }
        finally
        {
            await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        }

        async Task PassAsync()
        {
            inside.Open();
            await release.PassAsync();
        }
    }

    [ThreadFact]
    public async Task Detached_work_that_never_ends_does_not_keep_its_task_from_ending()
    {
        var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate over = new();
        try
        {
            var future = executor.Submit(async () =>
            {
                _ = YieldAsync();
                await Task.Yield();
                return 5;
            });
            (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(5);
        }
        finally
        {
            over.Open();
            await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        }

        async Task YieldAsync()
        {
            do await Task.Yield(); // what is tested: work that yields without end takes its turns with other work
            while (!over.IsOpen);
        }
    }
}
