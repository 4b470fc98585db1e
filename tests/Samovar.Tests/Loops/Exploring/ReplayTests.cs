using Samovar.Testing;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Exploring;

/// <summary>A seed gives the same order each time, through whatever the library waits with: nothing leaves the loop on the way.</summary>
public sealed class ReplayTests
{
    private const int Times = 50;

    [ThreadFact]
    public void A_seed_over_a_sequencer_gives_one_order() => DistinctTraces(static trace => () =>
    {
        var sequencer = new Sequencer();
        return TaskGroup.RunAsync(group =>
        {
            group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("two")));
            group.Run(() => sequencer.RunAsync(1, () => trace.Add("one")));
            group.Run(() => sequencer.RunAsync(2, () => trace.Add("two")));
            group.Run(() => sequencer.RunAsync(0, () => trace.Add("zero")));
        });
    }).ShouldBe(1);

    [ThreadFact]
    public void A_seed_over_StartAsync_gives_one_order() => DistinctTraces(static trace => () => TaskGroup.RunAsync(async group =>
    {
        group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("started")));
        await group.StartAsync(async signal =>
        {
            await Task.Yield();
            signal.Ready();
            await Task.Yield();
        });
        trace.Add("started");
    })).ShouldBe(1);

    [ThreadFact]
    public void A_seed_over_WhenAll_of_tasks_of_a_group_gives_one_order() => DistinctTraces(static trace => () => TaskGroup.RunAsync(async group =>
    {
        group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("all")));
        var one = group.Run(static async () => await Task.Yield()).AsTask();
        var two = group.Run(static async () => await Task.Yield()).AsTask();
        await Task.WhenAll(one, two);
        trace.Add("all");
    })).ShouldBe(1);

    [ThreadFact]
    public void A_seed_over_WhenAll_of_waits_gives_one_order() => DistinctTraces(static trace => () => TaskGroup.RunAsync(async group =>
    {
        group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("all")));
        var gate = new AsyncEvent();
        var all = Task.WhenAll(gate.WaitAsync().AsTask(), gate.WaitAsync().AsTask());
        await Task.Yield();
        gate.Set();
        await all;
        trace.Add("all");
    })).ShouldBe(1);

    [ThreadFact]
    public void A_seed_over_WhenAll_of_quiet_gives_one_order() => DistinctTraces(static trace => () => TaskGroup.RunAsync(async group =>
    {
        await Task.WhenAll(LoopTesting.WaitAllBlockedAsync(), LoopTesting.WaitAllBlockedAsync());
        var all = Task.WhenAll(LoopTesting.WaitAllBlockedAsync(), LoopTesting.WaitAllBlockedAsync());
        await LoopTesting.WaitAllBlockedAsync();
        group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("all")));
        await all;
        trace.Add("all");
    })).ShouldBe(1);

    [ThreadFact]
    public void A_seed_over_WhenAll_of_futures_gives_one_order() => DistinctTraces(static trace => () => TaskGroup.RunAsync(async group =>
    {
        group.Run(() => ChatterUntilAsync(trace, () => trace.Contains("all")));
        var loop = EventLoop.Current!;
        await Task.WhenAll(loop.Submit(static async () => await Task.Yield()).AsTask(), loop.Submit(static async () => await Task.Yield()).AsTask());
        trace.Add("all");
    })).ShouldBe(1);

    [ThreadFact]
    public void A_seed_gives_one_order_also_at_the_end() => DistinctTraces(static trace => async () =>
    {
        for (int i = 0; i < 3; i++)
        {
            string name = "abc"[i].ToString();
            _ = EventLoop.Current!.Submit(async () =>
            {
                try
                {
                    await SleepAsync(1000);
                }
                finally
                {
                    for (int k = 0; k < 4; k++)
                    {
                        await Task.Yield();
                        trace.Add(name + k);
                    }
                }
            });
        }

        await SleepAsync(1);
    }).ShouldBe(1);

    private static int DistinctTraces(Func<List<string>, Func<Task>> program)
    {
        var traces = new HashSet<string>();
        for (int i = 0; i < Times; i++)
        {
            var trace = new List<string>();
            EventLoop.Replay(program(trace), LoopSchedule.Seeded(3));
            traces.Add(string.Join(' ', trace));
        }

        return traces.Count;
    }

    private static async Task ChatterUntilAsync(List<string> trace, Func<bool> isOver)
    {
        for (int i = 0; i < 100_000 && !isOver(); i++)
        {
            await Task.Yield();
            if (trace.Count > 0 && trace[^1].StartsWith('c')) trace[^1] = "c" + i;
            else trace.Add("c" + i);
        }
    }
}
