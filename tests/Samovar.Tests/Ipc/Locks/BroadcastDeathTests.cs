using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>A process dies between any two steps of a condition, a barrier, a manual event or a countdown.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class BroadcastDeathTests
{
    [ProcessTheory]
    [InlineData("Moved 1")] // it has entered the lock
    [InlineData("Arrived 1")] // it is in the condition's queue, and holds the lock
    [InlineData("Moved 2")] // it has left the lock
    [InlineData("Settled 2")]
    [InlineData("Announced 1")] // it will sleep
    [InlineData("Moved 3")] // it has the notice
    [InlineData("Moved 4")] // and the lock
    [InlineData("Moved 5")] // which it has left
    public async Task A_waiter_of_a_condition_dies_and_another_continues(string step)
    {
        var at = DeathPoint.Parse(step);
        using var held = new ProcessLock();
        using var tested = new ProcessCondition(held);
        using var item = new SharedValue<int>();
        using var reached = new SharedValue<int>();
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            using (var lease = held.Enter()) tested.Wait(lease);
            LockKinds.Die();
        });
        bool isNotified = step is "Moved 3" or "Moved 4" or "Moved 5";
        await TestTimeout.UntilAsync(() => isNotified ? tested.Waiting == 1 && !held.IsHeld : child.Exited.IsCompleted);
        bool isBehind = false;
        var behind = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            Volatile.Write(ref isBehind, true);
            return await tested.WaitAsync(lease, () => item.Value == 1, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => Volatile.Read(ref isBehind) && tested.Waiting > 0 && !held.IsHeld);
        using (await held.EnterAsync().AsTask().WaitAsync(TestTimeout.Wait))
        {
            item.Value = 1;
            tested.Notify(); // one notice, for the first
        }

        (await behind.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        (await held.EnterAsync().AsTask().WaitAsync(TestTimeout.Wait)).Dispose();
        await TestTimeout.UntilAsync(() => tested.Waiting == 0);
        reached.Value.ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData("Moved 2")] // the notification is written, and no waiter is woken
    [InlineData("TurnAdvanced 1")]
    [InlineData("Moved 3")] // the lock is left
    public async Task A_notifier_of_a_condition_dies_and_the_waiter_continues(string step) => await DiesAtLastAsync(() => NotifierDiesAsync(DeathPoint.Parse(step)));

    private static async Task<bool> NotifierDiesAsync(DeathPoint at)
    {
        using var held = new ProcessLock();
        using var tested = new ProcessCondition(held);
        using var item = new SharedValue<int>();
        using var reached = new SharedValue<int>();
        var waiting = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            return await tested.WaitAsync(lease, () => item.Value == 1, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => !held.IsHeld && LockKinds.SleepsInLine(tested.Reference, ticket: 1));
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            using (held.Enter())
            {
                item.Value = 1;
                tested.NotifyAll();
            }

            LockKinds.Die();
        });
        (await waiting.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        return reached.Value == 1;
    }

    [ProcessTheory]
    [InlineData("PartTaken 1")]
    [InlineData("Changed 1")]
    [InlineData("Announced 1")]
    [InlineData("PartTaken 2")]
    [InlineData("Changed 2")] // it arrives last, and has woken no waiter
    [InlineData("TurnAdvanced 1")]
    public async Task A_party_of_a_barrier_dies_and_the_others_pass_or_get_an_error(string step)
    {
        var at = DeathPoint.Parse(step);
        using var tested = new ProcessBarrier(2);
        using var reached = new SharedValue<int>();
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            tested.SignalAndWait();
            while (tested.ParticipantsRemaining == 2 || !LockKinds.SleepsAtBroadcast(tested.Reference)) TestTimer.Pause(1);
            tested.SignalAndWait();
            tested.SignalAndWait();
        });
        bool isAlone = step is "PartTaken 1" or "Changed 1" or "Announced 1"; // it reaches this step without the other party
        await TestTimeout.UntilAsync(() => isAlone ? child.Exited.IsCompleted : tested.ParticipantsRemaining == 1 && LockKinds.SleepsAtBroadcast(tested.Reference));
        int passed = 0;
        await Should.ThrowAsync<BarrierBrokenException>(async () =>
        {
            for (; passed < 3; passed++) await tested.SignalAndWaitAsync().AsTask().WaitAsync(TestTimeout.Wait);
        });
        passed.ShouldBe(at switch
        {
            { Step: "PartTaken" or "Changed", Times: 2 } => at.Step == "Changed" ? 2 : 1,
            { Step: "TurnAdvanced" } => 2,
            { Step: "PartTaken" } => 0,
            _ => 1, // it has come, and does not come again
        });
        await child.Exited.WaitAsync(TestTimeout.Wait);
        reached.Value.ShouldBe(1);
        tested.Reset();
        await Task.WhenAll(tested.SignalAndWaitAsync().AsTask(), tested.SignalAndWaitAsync().AsTask()).WaitAsync(TestTimeout.Wait);
    }

    [ProcessFact]
    public async Task A_process_that_dies_while_it_reports_a_lost_party_has_reported_it()
    {
        var at = new DeathPoint("Changed", 1);
        using var tested = new ProcessBarrier(2);
        using var reached = new SharedValue<int>();
        var party = ChildProcess.Start(() =>
        {
            tested.SignalAndWait(LockKinds.Moment);
            LockKinds.Die();
        });
        await party.Exited.WaitAsync(TestTimeout.Wait);
        var repairer = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            tested.Reset();
        });
        await repairer.Exited.WaitAsync(TestTimeout.Wait);
        reached.Value.ShouldBe(1);
        tested.IsBroken.ShouldBeTrue();
        tested.Reset();
        await Task.WhenAll(tested.SignalAndWaitAsync().AsTask(), tested.SignalAndWaitAsync().AsTask()).WaitAsync(TestTimeout.Wait);
        tested.IsBroken.ShouldBeFalse();
    }

    [ProcessTheory]
    [InlineData("Changed 1", true)]
    [InlineData("TurnAdvanced 1", true)]
    [InlineData("Changed 1", false)]
    [InlineData("TurnAdvanced 1", false)]
    public async Task A_process_that_dies_after_it_has_set_an_event_or_a_countdown_has_released_all_waiters(string step, bool isEvent) =>
        await DiesAtLastAsync(() => DiesAsync(DeathPoint.Parse(step), isEvent));

    /// <summary>A process that comes to an object wakes all that sleep there, so that they watch it too. Where none sleeps again when it does what it is to die in, it has
    /// none to wake, and does not die: then the next one is to.</summary>
    private static async Task DiesAtLastAsync(Func<Task<bool>> dies)
    {
        const int most = 20;
        bool hasDied = false;
        for (int i = 0; i < most && !hasDied; i++) hasDied = await dies();
        hasDied.ShouldBeTrue();
    }

    private static async Task<bool> DiesAsync(DeathPoint at, bool isEvent)
    {
        using var manual = new ProcessEvent();
        using var countdown = new ProcessCountdown(1);
        using var reached = new SharedValue<int>();
        var waits = new[]
        {
            isEvent ? manual.WaitAsync().AsTask() : countdown.WaitAsync().AsTask(),
            TestSupport.OnOwnThread(() =>
            {
                if (isEvent) manual.Wait();
                else countdown.Wait();
            }),
        };
        await TestTimeout.UntilAsync(() => LockKinds.SleepsAtBroadcast(isEvent ? manual.Reference : countdown.Reference));
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            if (isEvent) manual.Set();
            else countdown.Signal();
        });
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        await child.Exited.WaitAsync(TestTimeout.Wait);
        return reached.Value == 1;
    }

    [ProcessFact]
    public async Task A_process_that_dies_while_it_waits_for_an_event_or_a_countdown_takes_nothing_with_it()
    {
        using var manual = new ProcessEvent();
        using var countdown = new ProcessCountdown(1);
        using var reached = new SharedValue<int>();
        var at = new DeathPoint("Announced", 2);
        var child = ChildProcess.Start(() =>
        {
            at.Arm(reached);
            manual.Wait(LockKinds.Moment);
            countdown.Wait();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait);
        reached.Value.ShouldBe(1);
        countdown.Signal().ShouldBeTrue();
        manual.Set();
        countdown.Wait(TimeSpan.Zero).ShouldBeTrue();
        manual.Wait(TimeSpan.Zero).ShouldBeTrue();
    }
}
