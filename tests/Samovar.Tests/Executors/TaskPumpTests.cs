namespace Samovar.Tests.Executors;

/// <summary>Asynchronous work on a worker thread.</summary>
public sealed class TaskPumpTests
{
    [Fact(Timeout = Hang.Milliseconds)]
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

    [Fact(Timeout = Hang.Milliseconds)]
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
        await Hang.OnThreadOfItsOwn(() =>
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
        (await late.Task).ShouldBeTrue("what comes after the end belongs to nobody's worker");
    }
}
