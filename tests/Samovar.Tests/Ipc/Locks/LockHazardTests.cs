using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Tests.Child;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>What goes wrong between locks only in the worst moment: late comers, interrupted callers, shortages, forged memory.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LockHazardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task A_lease_that_outlives_its_lock_releases_nothing_of_others()
    {
        string name = OwnNames.Own("outlived");
        var tested = new ProcessLock(name);
        using var goOn = new ProcessGate();
        var there = new ChildOutput();
        var keeper = ChildProcess.Start(() =>
        {
            using var same = ProcessLock.Open(name); // a hold of its own: with the sender's last one the sender gives its slot back
            Console.WriteLine("there");
            goOn.Pass();
            return same.TryEnter(TimeSpan.Zero) is null;
        }, there.Options);
        await there.LineAsync();
        var stale = tested.Enter();
        tested.Dispose();
        using var again = ProcessLock.Open(name);
        using (var lease = again.Enter())
        {
            lease.IsAbandoned.ShouldBeTrue();
            stale.Dispose();
            again.IsHeld.ShouldBeTrue();
            goOn.Open();
            (await keeper.JoinAsync(Token)).ShouldBeTrue();
        }

        again.IsHeld.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Entering_while_the_lock_is_disposed_leaves_nothing_taken()
    {
        string name = OwnNames.Own("let-go");
        using var goOn = new ProcessGate();
        using var first = new ProcessLock(name);
        var there = new ChildOutput();
        var keeper = ChildProcess.Start(() =>
        {
            using var same = ProcessLock.Open(name);
            Console.WriteLine("there");
            goOn.Pass();
        }, there.Options);
        await there.LineAsync();
        first.Dispose();
        for (int i = 0; i < 200; i++)
        {
            var tested = ProcessLock.Open(name);
            int entered = 0;
            var threads = Enumerable.Range(0, 2).Select(_ => TestSupport.OnOwnThread(() =>
            {
                Should.Throw<ObjectDisposedException>(() =>
                {
                    while (true)
                    {
                        tested.Enter(); // not left: it is abandoned, and the other continues only when it is disposed
                        Interlocked.Increment(ref entered);
                    }
                });
            })).ToArray();
            await TestTimeout.UntilAsync(() => Volatile.Read(ref entered) > 0);
            tested.Dispose();
            await Task.WhenAll(threads).WaitAsync(TestTimeout.Wait);
            using var after = ProcessLock.Open(name);
            after.GetStatistics().ShouldSatisfyAllConditions(s => s.Available.ShouldBe(1), s => s.Holders.ShouldBeEmpty(), s => s.Waiting.ShouldBe(0));
        }

        goOn.Open();
        await keeper.JoinAsync(Token);
    }

    [ProcessFact]
    public void Nothing_is_taken_from_an_object_that_was_disposed_meanwhile()
    {
        var tested = new ProcessLock();
        var permits = tested.Semaphore; // as one that is in an operation has it
        tested.Dispose();
        Should.Throw<ObjectDisposedException>(() => permits.Take(AcquireMode.One, TimeSpan.Zero, CancellationToken.None, out _));
        permits.Available.ShouldBe(1u);
    }

    [ProcessFact]
    public async Task No_process_is_taken_for_dead_because_no_descriptor_is_left_to_look_with()
    {
        var tested = new ProcessLock();
        using var lease = tested.Enter();
        var self = ProcessIdentity.Own;
        (int wrong, int refused) = await ChildProcess.Start(() =>
        {
            _ = Activity.Current; // what the worker has loaded it need not load without descriptors
            using var started = PeerWatch.Of(ChannelKind.Linux).Watch(ProcessIdentity.Own, static () => { });
            int wrong = tested.IsHeld ? 0 : 1, refused = 0;
            for (int left = 0; left < 4; left++) // the first descriptor is for the watch, the next for checking that the watched process is the intended one
            {
                Shortage.LeaveDescriptors(left);
                Count(() => self.IsAlive);
                Count(() => tested.TryEnter(TimeSpan.FromMilliseconds(1)) is null);
                Shortage.GiveDescriptors();
            }

            return (tested.IsHeld ? wrong : wrong + 1, refused);

            void Count(Func<bool> right)
            {
                try
                {
                    if (!right()) wrong++;
                }
                catch (IOException)
                {
                    refused++; // unknown without descriptors
                }
            }
        }).JoinAsync(Token);
        wrong.ShouldBe(0);
        refused.ShouldBeGreaterThan(0);
        tested.GetStatistics().Abandonments.ShouldBe(0);
        tested.Dispose();
    }

    [ProcessFact]
    public async Task A_watch_that_could_not_begin_for_a_shortage_begins_afterwards()
    {
        bool isShort = true;
        var tested = new LinuxPeerWatch(thread =>
        {
            if (isShort) ExceptionDispatchInfo.Throw(new InsufficientMemoryException());
            thread.UnsafeStart();
        });
        Should.Throw<IOException>(() => tested.Watch(ProcessIdentity.Own, static () => { })).InnerException.ShouldBeAssignableTo<OutOfMemoryException>();
        tested.Count.ShouldBe(0);
        isShort = false;
        var ended = new TaskCompletionSource();
        ProcessIdentity gone = await ChildProcess.Start(static () => ProcessIdentity.Own).JoinAsync(Token);
        using (tested.Watch(gone, ended.SetResult)) await ended.Task.WaitAsync(TestTimeout.Wait);
    }

    [ProcessFact]
    public unsafe void A_late_repair_changes_nothing_of_the_slots_next_owner()
    {
        using var tested = new ProcessLock();
        var table = tested.Reference.Region.Table;
        var dead = new ProcessIdentity(1, 2);
        var next = new ProcessIdentity(3, 4);
        table.Join(dead).ShouldBe(1);
        *(uint*)(tested.Reference.Region.Data + 256) = 2; // slots in use
        ulong* own = (ulong*)table.Own(1);
        Show(7);
        bool isLate = true;
        SemaphoreWord.StepReached = step =>
        {
            if (step != SemaphoreStep.Removing || !isLate) return;
            isLate = false; // another repairs before, and another process comes and waits
            FairWaitQueue.Remove(table, 1, dead);
            table.TryLeave(1, dead).ShouldBeTrue();
            table.Join(next).ShouldBe(1);
            Show(8);
        };
        try
        {
            FairWaitQueue.Remove(table, 1, dead);
        }
        finally
        {
            SemaphoreWord.StepReached = null;
        }

        tested.GetStatistics().Waiting.ShouldBe(1);
        own[1].ShouldBe(8ul);
        FairWaitQueue.Remove(table, 1, next);
        tested.GetStatistics().Waiting.ShouldBe(0);
        own[1].ShouldBe(0ul);
        table.TryLeave(1, next);

        void Show(ulong ticket)
        {
            own[1] = ticket;
            own[2] = (((own[2] >> 32) + 1) << 32) | 1;
        }
    }

    [ProcessFact]
    public async Task A_ticket_in_a_slot_without_an_owner_blocks_no_process()
    {
        using var tested = new ProcessLock();
        Forge();
        var lease = tested.Enter();
        var waiting = tested.EnterAsync().AsTask();
        lease.Dispose();
        (await waiting.WaitAsync(TestTimeout.Wait)).Dispose();

        unsafe void Forge()
        {
            *(uint*)(tested.Reference.Region.Data + 256) = 3; // slots in use
            ((ulong*)tested.Reference.Region.Table.Own(2))[1] = 1;
            *(ulong*)(tested.Reference.Region.Data + 128) = 5; // tickets drawn
        }
    }

    [ProcessFact]
    public async Task An_interrupted_waiter_leaves_the_line()
    {
        using var tested = new ProcessLock();
        using var atGate = new ManualResetEventSlim();
        using var source = new CancellationTokenSource();
        var lease = tested.Enter();
        var first = new Thread(() => tested.Enter().Dispose()) { IsBackground = true };
        bool wasInterrupted = false;
        var second = new Thread(() =>
        {
            Should.Throw<Exception>(() => tested.Enter(source.Token)).ShouldBeAssignableTo<SystemException>(); // cancelled or interrupted
            lock (source) wasInterrupted = Record.Exception(() => Monitor.Wait(source, 1)) is ThreadInterruptedException;
        })
        { IsBackground = true };
        int interrupts = 0;
        AppDomain.CurrentDomain.FirstChanceException += Count;
        SemaphoreWord.StepReached = step =>
        {
            if (step == SemaphoreStep.Moved && Thread.CurrentThread == first && tested.GetStatistics().Waiting == 2) atGate.Wait(Token); // in the line's gate
        };
        try
        {
            first.Start();
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1);
            second.Start();
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
            lease.Dispose();
            await TestTimeout.UntilAsync(() => first.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin));
            await source.CancelAsync();
            await TestTimeout.UntilAsync(() =>
            {
                second.Interrupt();
                return Volatile.Read(ref interrupts) > 2 || !second.IsAlive; // out of its look, and while it gives its place up
            });
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
            atGate.Set();
            SemaphoreWord.StepReached = null;
        }

        first.Join(TestTimeout.Wait).ShouldBeTrue();
        second.Join(TestTimeout.Wait).ShouldBeTrue();
        wasInterrupted.ShouldBeTrue();
        tested.GetStatistics().Waiting.ShouldBe(0);
        tested.TryEnter(TimeSpan.Zero).ShouldNotBeNull().Dispose();

        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is ThreadInterruptedException && Thread.CurrentThread == second) Interlocked.Increment(ref interrupts);
        }
    }

    [ProcessFact]
    public async Task A_notice_of_a_death_waits_for_a_process_that_can_receive_it()
    {
        using var tested = new ProcessSemaphore(2);
        await ChildProcess.Start(() =>
        {
            tested.Enter();
            LockKinds.Die();
        }).Exited.WaitAsync(TestTimeout.Wait);
        tested.Wait(TestTimeout.Wait).ShouldBeTrue(); // what was left
        tested.Wait(TestTimeout.Wait).ShouldBeTrue(); // what the dead one had entered
        tested.Release();
        using (var lease = await tested.EnterAsync().AsTask().WaitAsync(TestTimeout.Wait)) lease.IsAbandoned.ShouldBeTrue();
    }
}
