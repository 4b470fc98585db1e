using System.Runtime.CompilerServices;
using Samovar.Diagnostics.Inspection;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Scheduling;

/// <summary>What another process sees of this process's executors.</summary>
public sealed class InspectionTests
{
    [ThreadFact]
    public async Task A_loop_that_computes_without_end_is_shown_from_another_thread_with_what_delays_it()
    {
        await using var loop = new EventLoop(Real with { Name = "computing", SlowCallbackThreshold = TimeSpan.FromMinutes(1) });
        bool ends = false;
        var begun = new Gate();
        var never = new TaskCompletionSource();
        var waiting = loop.Submit(() => StandAsync(never.Task), new() { Name = "behind it" });
        loop.Post(Compute);
        await begun.PassAsync();
        var tree = Shown("event loop 'computing'");

        tree.State.ShouldStartWith("not responding; ");
        tree.Children[0].Label.ShouldBe("callback InspectionTests.A_loop_that_computes_without_end_is_shown_from_another_thread_with_what_delays_it.Compute");
        tree.Children[0].State.ShouldMatch(@"^running for \d+\.\d s$");
        tree.Children[1].Label.ShouldBe("submitted task 1 'behind it'");
        tree.Children[1].Awaits[0].ShouldStartWith("InspectionTests.StandAsync (InspectionTests.cs:");
        Volatile.Write(ref ends, true);
        never.SetResult();
        await waiting;

        void Compute()
        {
            begun.Open();
            BusyWork.ComputeUntil(() => Volatile.Read(ref ends));
        }
    }

    [ThreadFact]
    public async Task A_loop_that_is_blocked_is_shown_with_the_frames_that_block_it()
    {
        await using var loop = new EventLoop(Real with { Name = "blocked", SlowCallbackThreshold = TimeSpan.FromMilliseconds(1) });
        var isTold = new Gate();
        loop.SlowCallback += slow =>
        {
            if (slow.BlockedAt?.Contains(nameof(HoldUp), StringComparison.Ordinal) == true) isTold.Open();
        };
        Listen(loop);
        using var gate = new ManualResetEventSlim();
        loop.Post(() => HoldUp(gate));
        await isTold.PassAsync();
        try
        {
            var tree = Shown("event loop 'blocked'");

            tree.Children[0].State.ShouldStartWith("blocks the thread for ");
            tree.Children[0].Awaits.ShouldContain(static frame => frame.StartsWith($"{typeof(InspectionTests).FullName}.{nameof(HoldUp)}(", StringComparison.Ordinal));
        }
        finally
        {
            gate.Set(); // or the loop cannot end
        }

        await loop.Submit(static () => 1);
        Shown("event loop 'blocked'").Children.ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task To_be_looked_at_changes_neither_a_seeded_order_nor_virtual_time()
    {
        var undisturbed = await OrderAsync();
        using var stop = new CancellationTokenSource();
        var looking = TestSupport.OnOwnThread(() =>
        {
            while (!stop.IsCancellationRequested) ExecutorRegistry.Show(new SnapshotRequest(10));
        });
        for (int i = 0; i < 20; i++) (await OrderAsync()).ShouldBe(undisturbed);
        await stop.CancelAsync();
        await looking.WaitAsync(TestTimeout.Wait);

        static async Task<(string Order, double Seconds)> OrderAsync()
        {
            string order = "";
            double seconds = 0;
            await RunAsync(
                async () =>
                {
                    await TaskGroup.RunAsync(group =>
                    {
                        for (int i = 0; i < 20; i++)
                        {
                            int number = i;
                            group.Run(async () =>
                            {
                                for (int step = 0; step < 20; step++)
                                {
                                    if (step % 5 == 0) await SleepAsync(1);
                                    else await Task.Yield();
                                    order += (char)('a' + number);
                                }
                            });
                        }
                    });
                    seconds = Now;
                },
                Virtual with { Schedule = LoopSchedule.Seeded(7) });
            return (order, seconds);
        }
    }

    [ThreadFact]
    public async Task Groups_off_a_loop_are_shown_while_they_last()
    {
        var never = new TaskCompletionSource();
        var begun = new Gate();
        var block = TaskGroup.RunAsync(
            group =>
            {
                group.Run(
                    async () =>
                    {
                        begun.Open();
                        await StandAsync(never.Task);
                    },
                    "off");
            },
            new() { Name = "on the pool" });
        await begun.PassAsync();
        var group = Shown("groups off a loop").Children.Where(static group => group.Label.StartsWith("group 'on the pool' (InspectionTests.cs:", StringComparison.Ordinal)).ShouldHaveSingleItem();
        group.Children.ShouldHaveSingleItem().Label.ShouldStartWith("task 'off' (InspectionTests.cs:");
        never.SetResult();
        await block;
        ExecutorRegistry.Show(new SnapshotRequest(100)).SelectMany(static tree => tree.Children).ShouldNotContain(static child => child.Label.StartsWith("group 'on the pool'", StringComparison.Ordinal));
    }

    [ThreadFact]
    public async Task Many_tasks_are_counted_and_some_shown()
    {
        await using var loop = new EventLoop(Real with { Name = "crowded" });
        var never = new TaskCompletionSource();
        var all = Enumerable.Range(0, 1000).Select(_ => loop.Submit(() => never.Task)).ToList();
        await loop.Submit(static () => 1);
        var tree = Shown("event loop 'crowded'", most: 5);
        tree.Children.Count.ShouldBe(6);
        tree.Children[^1].State.ShouldBe("995 more");
        never.SetResult();
        foreach (var future in all) await future;
    }

    [ThreadFact]
    public async Task Groups_nested_without_end_do_not_end_the_snapshot_in_a_stack_overflow() => await RunAsync(static async () =>
    {
        var never = new TaskCompletionSource();
        var nested = NestAsync(3000);
        await Samovar.Testing.LoopTesting.WaitAllBlockedAsync();
        string text = (await EventLoop.Current!.GetTaskTreeAsync()).ToString();
        text.ShouldContain("nested too deep to be shown");
        never.SetResult();
        await nested;

        async Task NestAsync(int left)
        {
            if (left == 0) await never.Task;
            else await TaskGroup.RunAsync(group => { group.Run(() => NestAsync(left - 1)); });
        }
    });

    [ThreadFact]
    public async Task Completed_work_is_neither_shown_nor_kept()
    {
        var ended = RunOne();
        await new[] { ended }.ShouldDieAsync("a stopped loop");
        ExecutorRegistry.Show(new SnapshotRequest(1)).ShouldNotContain(static tree => tree.Label == "event loop 'ended soon'");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference RunOne()
        {
            WeakReference? core = null;
            EventLoop.Run(
                () =>
                {
                    core = new WeakReference(EventLoop.Current!.Core);
                    Shown("event loop 'ended soon'").Children.ShouldHaveSingleItem().Label.ShouldStartWith("callback ");
                    return Task.CompletedTask;
                },
                Real with { Name = "ended soon" });
            return core!;
        }
    }

    [ThreadFact]
    public async Task An_asynchronous_iterator_and_a_local_function_are_named_like_methods() => await RunAsync(static async () =>
    {
        var never = new TaskCompletionSource();
        var work = EventLoop.Current!.Submit(ReadAsync);
        await Task.Yield();
        var tree = (await EventLoop.Current.GetTaskTreeAsync()).Children.Single(static child => child.Label.StartsWith("submitted", StringComparison.Ordinal));
        const string method = "InspectionTests.An_asynchronous_iterator_and_a_local_function_are_named_like_methods";
        tree.Awaits[0].ShouldStartWith($"{method}.ReadAsync (InspectionTests.cs:");
        tree.Awaits[1].ShouldStartWith($"{method}.NumbersAsync (InspectionTests.cs:");
        tree.Awaits[2].ShouldContain("TaskCompletionSource");
        never.SetResult();
        await work;

        async Task ReadAsync()
        {
            await foreach (int number in NumbersAsync()) number.ShouldBe(1);
        }

        async IAsyncEnumerable<int> NumbersAsync()
        {
            await never.Task;
            yield return 1;
        }
    });

    private static TaskTreeNode Shown(string label, int most = 100) =>
        ExecutorRegistry.Show(new SnapshotRequest(most)).Where(tree => tree.Label == label).ShouldHaveSingleItem();

    private static async Task StandAsync(Task until) => await until;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)] // its frame is looked for
    private static void HoldUp(ManualResetEventSlim gate) => gate.Wait();
}
