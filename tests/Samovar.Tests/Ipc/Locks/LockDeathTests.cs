using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>A process dies between any two steps of any kind of lock: the others continue at once, and nothing of it is left.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LockDeathTests
{
    private static readonly string[] s_steps =
    [
        // It tries and fails: arrives, announces a sleep, leaves, announces that there are no waiters.
        "Arrived 1", "Announced 1", "Left 1", "WaitersCleared 1",

        // It waits and acquires; it releases and wakes.
        "Arrived 2", "Announced 2", "Moved 1", "Settled 1", "Moved 2", "Settled 2", "TurnAdvanced 1",
    ];

    /// <summary>Each kind with each step that it has.</summary>
    public static TheoryData<string, string> Deaths
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string kind in Takeable.Kinds)
            {
                // Permits without an owner are in no account.
                foreach (string step in s_steps.Where(s => kind is not ("count" or "automatic") || !s.StartsWith("Settled", StringComparison.Ordinal)))
                    data.Add(kind, step);
            }

            return data;
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_between_two_steps_blocks_no_process(string kind, string step)
    {
        var at = DeathPoint.Parse(step);
        using var tested = new Takeable(kind);
        using var tried = new SharedValue<int>();
        using var reached = new SharedValue<int>();
        var unblock = tested.Block();
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            tested.Take(TimeSpan.FromTicks(1)).ShouldBeNull();
            tried.Value = 1;
            tested.Take(Timeout.InfiniteTimeSpan)!();
            LockKinds.Die();
        });
        bool isBlocked = !step.StartsWith("Moved", StringComparison.Ordinal) && !step.StartsWith("Settled", StringComparison.Ordinal) && step != "TurnAdvanced 1";
        await TestTimeout.UntilAsync(() => isBlocked ? child.Exited.IsCompleted : tried.Value == 1 && tested.Statistics.Waiting == 1);
        var behind = kind == "reader" ? Task.Run(tested.Block) : tested.TakeAsync(); // a reader lets other readers in before it leaves
        await TestTimeout.UntilAsync(() => tested.Statistics.Waiting >= (child.Exited.IsCompleted ? 1 : 2));
        if (step == "TurnAdvanced 1") await TestTimeout.UntilAsync(() => LockKinds.SleepsInLine(tested.Reference, ticket: 3)); // the child had two
        unblock();
        if (!tested.ComesBack && step == "Moved 1")
        {
            await child.Exited.WaitAsync(TestTimeout.Wait);
            tested.Provide(); // the dead one has used it up
        }

        (await behind.WaitAsync(TestTimeout.Wait))();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        tested.Take(TestTimeout.Wait).ShouldNotBeNull()();
        unblock = tested.Block();
        var last = tested.TakeAsync();
        unblock();
        (await last.WaitAsync(TestTimeout.Wait))();
        await TestTimeout.UntilAsync(() => tested.IsFree); // it was waited for, so that the dead one is noticed if that was not yet
        reached.Value.ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData("Moved 1", true)]
    [InlineData("Moved 1", false)]
    [InlineData("Settled 1", false)]
    [InlineData("Removing 1", false)]
    [InlineData("TurnAdvanced 1", false)]
    public async Task A_process_that_dies_while_it_repairs_leaves_the_rest_to_the_next(string step, bool isWaitedFor)
    {
        var at = DeathPoint.Parse(step);
        using var tested = new ProcessLock();
        using var there = new SharedValue<int>();
        using var reached = new SharedValue<int>();
        var holder = ChildProcess.Start(() =>
        {
            tested.Enter();
            Thread.CurrentThread.Join(); // blocks until the process is killed
        });
        await TestTimeout.UntilAsync(() => tested.IsHeld);
        var repairer = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            tested.Enter(); // it watches the holder, and repairs what that one leaves
            Thread.CurrentThread.Join();
        });
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1);
        var waiting = isWaitedFor ? tested.EnterAsync().AsTask() : null; // it repairs too, and may be faster
        if (isWaitedFor) await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
        holder.Kill();
        if (!isWaitedFor) await repairer.Exited.WaitAsync(TestTimeout.Wait);
        waiting ??= tested.EnterAsync().AsTask();
        using (var lease = await waiting.WaitAsync(TestTimeout.Wait)) lease.IsAbandoned.ShouldBeTrue();
        await repairer.Exited.WaitAsync(TestTimeout.Wait);
        await holder.Exited.WaitAsync(TestTimeout.Wait);
        using (tested.TryEnter(TestTimeout.Wait).ShouldNotBeNull()) tested.IsHeld.ShouldBeTrue();
        tested.GetStatistics().ShouldSatisfyAllConditions(s => s.Available.ShouldBe(1), s => s.Holders.ShouldBeEmpty(), s => s.Waiting.ShouldBe(0));
        reached.Value.ShouldBe(1);
    }
}
