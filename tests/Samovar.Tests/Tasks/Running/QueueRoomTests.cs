using System.Reflection;
using System.Runtime.ExceptionServices;
using Samovar.Tasks.Running;

namespace Samovar.Tests.Tasks.Running;

/// <summary>The room of a bounded queue, and its waiters.</summary>
public sealed class QueueRoomTests
{
    [ThreadFact]
    public async Task Each_returned_place_admits_one_waiter()
    {
        var room = new QueueRoom("test", 2, QueueFullMode.Wait);
        room.TakeRegardless();
        room.TakeRegardless();
        room.TakeRegardless();
        var first = TestSupport.OnOwnThread(() => room.Take(CancellationToken.None));
        var second = TestSupport.OnOwnThread(() => room.Take(CancellationToken.None));
        await TestTimeout.UntilAsync(() => room.Waiting == 2);
        room.GiveBack(); // which was beyond the capacity
        room.Waiting.ShouldBe(2);
        room.GiveBack();
        room.GiveBack();
        await first;
        await second;
        room.Waiting.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Cancelling_one_wait_leaves_the_place_to_the_other_and_closing_releases_all()
    {
        var room = new QueueRoom("test", 1, QueueFullMode.Wait);
        room.TakeRegardless();
        using var source = new CancellationTokenSource();
        var cancelled = TestSupport.OnOwnThread(() => Should.Throw<OperationCanceledException>(() => room.Take(source.Token)));
        var other = TestSupport.OnOwnThread(() => room.Take(CancellationToken.None));
        await TestTimeout.UntilAsync(() => room.Waiting == 2);
        await source.CancelAsync();
        await cancelled;
        room.Waiting.ShouldBe(1);
        room.GiveBack();
        await other;

        var waiting = Enumerable.Range(0, 3).Select(_ => TestSupport.OnOwnThread(() => room.Take(CancellationToken.None))).ToList();
        await TestTimeout.UntilAsync(() => room.Waiting == 3);
        room.Close();
        await Task.WhenAll(waiting);
    }

    [ThreadFact]
    public async Task An_interrupted_thread_gives_a_place_back_whatever_lock_another_holds()
    {
        var room = new QueueRoom("test", 1, QueueFullMode.Wait);
        room.TakeRegardless();
        var waiting = TestSupport.OnOwnThread(() => room.Take(CancellationToken.None));
        await TestTimeout.UntilAsync(() => room.Waiting == 1);
        var (held, done) = (new Gate(), new Gate());
        var holder = TestSupport.OnOwnThread(() => HoldAllOf(room, held, done));
        await held.PassAsync();
        try
        {
            await TestSupport.OnOwnThread(() =>
            {
                Thread.CurrentThread.Interrupt();
                room.GiveBack();
                room.TakeRegardless();
                using var never = new ManualResetEvent(initialState: false);
                Should.Throw<ThreadInterruptedException>(() => never.WaitOne(TestTimeout.Wait)); // it is kept for the next wait
            });
        }
        finally
        {
            done.Open();
        }

        room.GiveBack();
        await waiting;
        await holder;
    }

    [ThreadFact]
    public async Task A_waiter_that_is_interrupted_at_its_token_keeps_the_place_it_has_taken()
    {
        var room = new QueueRoom("test", 1, QueueFullMode.Wait);
        room.TakeRegardless();
        using var source = new CancellationTokenSource();
        Exception? error = null, later = null;
        int interrupts = 0;
        var waiting = new Thread(() =>
        {
            error = Record.Exception(() => room.Take(source.Token));
            using var never = new ManualResetEvent(initialState: false);
            later = Record.Exception(() => never.WaitOne(TestTimeout.Wait));
        })
        { IsBackground = true };
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            waiting.Start();
            await TestTimeout.UntilAsync(() => room.Waiting == 1);
            SetLocked(source, isLocked: true); // as another thread does for as long as it registers
            room.GiveBack();
            await TestTimeout.UntilAsync(() => room.Waiting == 0);
            waiting.Interrupt();
            await TestTimeout.UntilAsync(() => Volatile.Read(ref interrupts) > 0 || !waiting.IsAlive);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
            SetLocked(source, isLocked: false);
        }

        waiting.Join(TestTimeout.Wait).ShouldBeTrue();
        error.ShouldBeNull();
        later.ShouldBeOfType<ThreadInterruptedException>("it is kept for the next wait");

        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is ThreadInterruptedException && Thread.CurrentThread == waiting) Interlocked.Increment(ref interrupts);
        }
    }

    /// <summary>Acquires or releases the runtime's spin lock at the registrations of a token.</summary>
    private static void SetLocked(CancellationTokenSource source, bool isLocked)
    {
        const BindingFlags inside = BindingFlags.Instance | BindingFlags.NonPublic;
        object? registrations = typeof(CancellationTokenSource).GetField("_registrations", inside)?.GetValue(source);
        var field = registrations?.GetType().GetFields(inside).SingleOrDefault(static field => field.Name.StartsWith("_lock", StringComparison.Ordinal));
        Assert.SkipWhen(field is null, "This runtime keeps registrations in another way.");
        field.SetValue(registrations, field.FieldType == typeof(bool) ? isLocked : isLocked ? 1 : 0);
    }

    /// <summary>Holds each lock that the room may have: an interrupt breaks the wait for one that another thread holds, and no other.</summary>
    private static void HoldAllOf(QueueRoom room, Gate held, Gate done)
    {
        var fields = typeof(QueueRoom).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(static field => !field.FieldType.IsValueType && field.FieldType != typeof(string));
        object[] all = [room, .. fields.Select(field => field.GetValue(room)!)];
        foreach (object one in all)
        {
            if (one is Lock gate) gate.Enter();
            else Monitor.Enter(one);
        }

        held.Open();
        done.Pass();
        foreach (object one in all)
        {
            if (one is Lock gate) gate.Exit();
            else Monitor.Exit(one);
        }
    }
}
