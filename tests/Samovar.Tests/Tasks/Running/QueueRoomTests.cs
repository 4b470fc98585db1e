using System.Reflection;
using Samovar.Tasks.Running;

namespace Samovar.Tests.Tasks.Running;

/// <summary>The places of a bounded queue, and those who wait for one.</summary>
public sealed class QueueRoomTests
{
    [ThreadFact]
    public async Task Each_place_that_is_given_back_lets_one_go_on()
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
    public async Task Cancelling_one_wait_leaves_the_place_to_the_other_and_closing_lets_all_go_on()
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

    /// <summary>Holds each lock that the room may have: an interrupt ends the wait for one that another thread holds, and no other.</summary>
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
