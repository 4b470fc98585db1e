using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Locks across several processes, some of which die while they hold one.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LockAcrossTests : IAsyncLifetime
{
    private Leftovers _before = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    /// <summary>Where a holder and where a waiter may die.</summary>
    public static TheoryData<string, string, bool> Deaths
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (string kind in (string[])[nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)])
            {
                foreach (SemaphoreStep step in Enum.GetValues<SemaphoreStep>())
                {
                    data.Add(kind, $"{step}", true);
                    data.Add(kind, $"{step}", false);
                }
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        await ChildProcess.Start(static () => { }).JoinAsync(Token); // the first child has the library open what it keeps
        using (var first = new ProcessLock()) await first.EnterAsync(); // the first wait its thread
        PeerWatch.Of(ChannelKind.Linux).Watch(ProcessIdentity.Own, static () => { }).Dispose(); // and the first watch what wakes it
        _before = await Leftovers.BeforeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await LockKinds.CollectAsync();
        await _before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Two_processes_never_are_in_at_once(string platform)
    {
        int rounds = platform == nameof(ChannelKind.Linux) ? 20_000 : 50;
        var store = SharedStore.Of(Enum.Parse<ChannelKind>(platform));
        using var tested = new ProcessLock(null, store);
        using var counter = new SharedArray<long>(1, null, store);
        var child = ChildProcess.Start(Count);
        Count();
        await child.JoinAsync(Token);
        counter[0].ShouldBe(2 * rounds);
        tested.GetStatistics().Abandonments.ShouldBe(0);

        void Count()
        {
            for (int i = 0; i < rounds; i++)
            {
                using (tested.Enter()) counter[0]++;
            }
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Both_processes_report_the_same_holders_and_waiters(string platform)
    {
        using var tested = new ProcessLock(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
        using var lease = tested.Enter();
        var seen = await ChildProcess.Start(() => (tested.IsHeld, tested.TryEnter(TimeSpan.Zero) is null, tested.GetStatistics().Holders[0])).JoinAsync(Token);
        seen.ShouldBe((true, true, Environment.ProcessId));
        lease.Dispose();
        (await ChildProcess.Start(() => tested.IsHeld).JoinAsync(Token)).ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Order_of_arrival_holds_over_processes(string platform)
    {
        using var tested = new ProcessLock(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
        using var order = new SharedArray<int>(7);
        var lease = tested.Enter();
        var children = new List<Task>();
        for (int i = 1; i <= 6; i++)
        {
            int number = i;
            children.Add(i % 2 == 0 ? TestSupport.OnOwnThread(() => Note(number)) : ChildProcess.Start(() => Note(number)).JoinAsync(Token));
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == number);
        }

        lease.Dispose();
        await Task.WhenAll(children).WaitAsync(TestTimeout.Wait);
        order.ToArray().ShouldBe([6, 1, 2, 3, 4, 5, 6]);

        void Note(int number)
        {
            using (tested.Enter()) order[++order[0]] = number;
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task The_next_holder_learns_at_once_that_the_holder_died(string platform)
    {
        using var tested = new ProcessLock(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
        var child = ChildProcess.Start(() =>
        {
            var lease = tested.Enter();
            Thread.CurrentThread.Join(); // blocks until the process is killed
            lease.Dispose();
        });
        await TestTimeout.UntilAsync(() => tested.IsHeld);
        tested.GetStatistics().Holders.ShouldBe([child.Id]);
        var waiting = tested.EnterAsync().AsTask();
        var behind = TestSupport.OnOwnThread(() =>
        {
            using var second = tested.Enter();
            second.IsAbandoned.ShouldBeFalse();
        });
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
        child.Kill();
        using (var lease = await waiting.WaitAsync(TestTimeout.Wait)) lease.IsAbandoned.ShouldBeTrue();
        await behind.WaitAsync(TestTimeout.Wait);
        tested.GetStatistics().Abandonments.ShouldBe(1);
        await child.Exited.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_later_holder_learns_too_that_the_holder_died(string platform)
    {
        using var tested = new ProcessLock(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
        var child = ChildProcess.Start(() =>
        {
            tested.Enter();
            Environment.Exit(3);
        });
        await child.Exited.WaitAsync(TestTimeout.Wait);
        using (var lease = await tested.EnterAsync().AsTask().WaitAsync(TestTimeout.Wait)) lease.IsAbandoned.ShouldBeTrue();
        using (var lease = tested.Enter()) lease.IsAbandoned.ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_at_any_step_blocks_no_process(string platform, string step, bool atOnce)
    {
        var at = Enum.Parse<SemaphoreStep>(step);
        using var tested = new ProcessLock(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
        using var there = new SharedValue<int>();
        var lease = tested.Enter();

        // The child waits behind this process, and dies at the first or the second time that it comes to the step.
        var child = ChildProcess.Start(() =>
        {
            int times = atOnce ? 1 : 2;
            SemaphoreWord.StepReached = reached =>
            {
                if (reached == at && --times == 0) LockKinds.Die();
            };
            there.Value = 1;
            for (int i = 0; i < 4; i++)
            {
                using (tested.Enter()) there.Value++;
                using var none = tested.Enter();
                none.Dispose();
                using var late = tested.TryEnter(TimeSpan.FromTicks(1));
            }

            LockKinds.Die();
        });
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1 || child.Exited.IsCompleted);
        var behind = tested.EnterAsync().AsTask();
        lease.Dispose();
        using (await behind.WaitAsync(TestTimeout.Wait)) tested.TryEnter(TimeSpan.Zero).ShouldBeNull();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        for (int i = 0; i < 3; i++)
        {
            using (await tested.EnterAsync().AsTask().WaitAsync(TestTimeout.Wait)) tested.IsHeld.ShouldBeTrue();
            using (tested.TryEnter(TestTimeout.Wait).ShouldNotBeNull()) tested.IsHeld.ShouldBeTrue();
        }

        tested.GetStatistics().ShouldSatisfyAllConditions(s => s.Available.ShouldBe(1), s => s.Holders.ShouldBeEmpty(), s => s.Waiting.ShouldBe(0));
    }

    [ProcessFact]
    public async Task Processes_that_enter_again_and_again_block_no_process()
    {
        const int hogs = 2;
        using var tested = new ProcessLock();
        using var entries = new SharedValue<long>();
        using var isOver = new SharedValue<int>();
        var children = Enumerable.Range(0, hogs).Select(_ => ChildProcess.Start(() =>
        {
            while (isOver.Value == 0)
            {
                using (tested.Enter()) entries.Add(1);
            }
        })).ToArray();
        await TestTimeout.UntilAsync(() => entries.Value > 1_000);
        int sleeps = 0;
        var waiting = TestSupport.OnOwnThread(() =>
        {
            var self = Thread.CurrentThread;
            long before = 0;
            SignalWord.StepReached = step =>
            {
                if (step == SignalStep.Announced && Thread.CurrentThread == self && before == 0) before = entries.Value;
            };
            for (; sleeps < 50 && isOver.Value == 0; before = 0)
            {
                // What is promised: from when it sleeps, each other enters at most once before it.
                using var lease = tested.Enter();
                if (before == 0) continue; // it did not have to sleep
                (entries.Value - before).ShouldBeLessThanOrEqualTo(hogs);
                sleeps++;
            }
        });
        try
        {
            await waiting.WaitAsync(TestTimeout.Wait);
        }
        finally
        {
            SignalWord.StepReached = null;
            isOver.Value = 1;
        }

        sleeps.ShouldBe(50);
        foreach (var child in children) await child.JoinAsync(Token);
    }

    [ProcessFact]
    public async Task A_grandchild_and_a_task_hold_the_same_lock_and_one_can_be_returned()
    {
        using var tested = new ProcessLock();
        using (tested.Enter())
            (await ChildProcess.Start(() => ChildProcess.Start(() => tested.TryEnter(TimeSpan.Zero) is null).JoinAsync().GetAwaiter().GetResult()).JoinAsync(Token)).ShouldBeTrue();
        await using var pool = PoolUnderTest.Build(1);
        using ProcessLock made = await pool.Submit(static () => new ProcessLock());
        using (made.Enter()) (await pool.Submit(() => made.IsHeld)).ShouldBeTrue();
    }
}
