using System.Diagnostics;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Samovar.Ipc;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>Queues between processes: captured, returned, sent through each other; and processes that are killed at each step.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class QueueDeathTests : IAsyncLifetime
{
    private readonly int _regions = SharedRegion.Count;
    private Leftovers _before = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> ProducerSteps => [nameof(QueueStep.Locked), nameof(QueueStep.Written), nameof(QueueStep.Published), nameof(QueueStep.Unlocked)];

    public static TheoryData<string> ConsumerSteps => [nameof(QueueStep.Claimed), nameof(QueueStep.Copied), nameof(QueueStep.Taken), nameof(QueueStep.Released)];

    public async ValueTask InitializeAsync()
    {
        await ChildProcess.Start(static () => { }).JoinAsync(Token); // the first child has the library open what it keeps
        _before = await Leftovers.BeforeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _before.ShouldBeNoneAsync();
        (await GcAssert.CollectUntilAsync(() => SharedRegion.Count <= _regions && UndeliveredItems.Count == 0)).ShouldBeTrue();
    }

    [ProcessTheory]
    [MemberData(nameof(ProducerSteps))]
    public async Task A_producer_killed_at_any_step_loses_the_item_it_was_putting_at_most(string step)
    {
        using var queue = new ProcessQueue<int>(16);
        var at = Enum.Parse<QueueStep>(step);
        var child = ChildProcess.Start(() =>
        {
            queue.Put(1);
            queue.Put(2);
            DieAt(at);
            queue.Put(3);
        });
        var waiting = TestSupport.OnOwnThread(() =>
        {
            queue.Take(Token).ShouldBe(1);
            queue.Take(Token).ShouldBe(2);
            if (at is QueueStep.Published or QueueStep.Unlocked) queue.Take(Token).ShouldBe(3);
            queue.Take(Token).ShouldBe(100);
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        await TestTimeout.UntilAsync(() => queue.RegisteredProcesses == 1); // the waiting taker has seen it
        await ChildProcess.Start(() => queue.Put(100)).JoinAsync(Token);
        await waiting.WaitAsync(TestTimeout.Wait, Token);
        queue.GetStatistics().AbortedWrites.ShouldBe(at == QueueStep.Unlocked ? 0 : 1);
    }

    [ProcessTheory]
    [MemberData(nameof(ConsumerSteps))]
    public async Task A_consumer_killed_at_any_step_has_taken_the_item_or_left_it(string step)
    {
        using var queue = new ProcessQueue<int>(new ProcessQueueOptions { Capacity = 4, TrackCompletion = true });
        var at = Enum.Parse<QueueStep>(step);
        queue.PutMany([1, 2, 3, 4], Token);
        var child = ChildProcess.Start(() =>
        {
            queue.Take();
            queue.Done();
            DieAt(at);
            queue.Take();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        int first = at is QueueStep.Claimed or QueueStep.Copied ? 2 : 3;
        for (int i = first; i <= 4; i++)
        {
            queue.Take(Token).ShouldBe(i);
            queue.Done();
        }

        queue.Count.ShouldBe(0);
        queue.TryTake(out _, TimeSpan.FromMilliseconds(5), Token).ShouldBeFalse(); // the waiter sees that it is gone
        await TestTimeout.UntilAsync(() => queue.RegisteredProcesses == 1);
        queue.GetStatistics().Abandoned.ShouldBe(at is QueueStep.Taken or QueueStep.Released ? 1 : 0);
        await queue.WaitUntilDoneAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token); // what the dead one took is not waited for
        queue.PutMany([5, 6, 7, 8], Token);
        queue.Take(Token).ShouldBe(5);
    }

    [ProcessFact]
    public async Task Who_only_looks_and_never_waits_gets_past_a_dead_consumer_too()
    {
        using var queue = new ProcessQueue<int>(4);
        queue.Put(1, Token);
        var child = ChildProcess.Start(() =>
        {
            DieAt(QueueStep.Claimed);
            queue.Take();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        int item = 0;
        await TestTimeout.UntilAsync(() => queue.TryTake(out item));
        item.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_process_killed_while_it_completes_leaves_the_queue_open()
    {
        using var queue = new ProcessQueue<int>(4);
        var child = ChildProcess.Start(() =>
        {
            queue.Put(1);
            DieAt(QueueStep.Completing);
            queue.Complete();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        queue.Put(2, Token);
        new[] { queue.Take(Token), queue.Take(Token) }.ShouldBe([1, 2], ignoreOrder: true); // of two producers
        queue.TryComplete().ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Many_processes_put_and_take_each_item_once_and_in_order_of_its_producer()
    {
        const int producers = 3;
        const int each = 20_000;
        using var queue = new ProcessQueue<long>(64);
        using var back = new ProcessQueue<long[]>(4);
        var consumers = Enumerable.Range(0, 2).Select(_ => ChildProcess.Start(() =>
        {
            var mine = new List<long>();
            try
            {
                while (true) mine.Add(queue.Take());
            }
            catch (ChannelClosedException)
            {
                back.Put([.. mine]);
            }
        })).ToArray();
        var producing = Enumerable.Range(0, producers).Select(p => ChildProcess.Start(() =>
        {
            for (int i = 0; i < each; i++) queue.Put(((long)p << 32) | (uint)i);
        })).ToArray();
        foreach (var child in producing) await child.JoinAsync(Token);
        queue.Complete();
        long[][] taken = [back.Take(Token), back.Take(Token)];
        foreach (var child in consumers) await child.JoinAsync(Token);
        taken.SelectMany(static t => t).Order().ShouldBe(Enumerable.Range(0, producers).SelectMany(static p => Enumerable.Range(0, each).Select(i => ((long)p << 32) | (uint)i)));
        foreach (long[] mine in taken)
        {
            for (int p = 0; p < producers; p++) mine.Where(n => n >> 32 == p).ShouldBeInOrder();
        }
    }

    [ProcessFact]
    public async Task It_is_captured_returned_sent_through_another_and_used_by_grandchildren()
    {
        using var outer = new ProcessQueue<ProcessQueue<string>>(4);
        using var made = await ChildProcess.Start(static () =>
        {
            var queue = new ProcessQueue<string>(4);
            queue.Put("from the child that made it");
            return queue;
        }).JoinAsync(Token);
        made.Take(Token).ShouldBe("from the child that made it");
        outer.Put(made, Token);
        await ChildProcess.Start(() =>
        {
            using var inner = outer.Take();
            ChildProcess.Start(() => inner.Put("from the grandchild")).JoinAsync().GetAwaiter().GetResult();
        }).JoinAsync(Token);
        made.Take(Token).ShouldBe("from the grandchild");
    }

    [ProcessFact]
    public async Task An_unrelated_process_opens_it_by_name_and_a_wrong_type_is_reported()
    {
        using var queue = new ProcessQueue<int>(4, "queue-by-name");
        await ChildProcess.Start(static () =>
        {
            using var opened = ProcessQueue<int>.Open("queue-by-name");
            opened.Put(7);
        }).JoinAsync(Token);
        queue.Take(Token).ShouldBe(7);
        Should.Throw<SharedObjectException>(() => new ProcessQueue<int>(4, "queue-by-name")).Fault.ShouldBe(SharedObjectFault.NameTaken);
        Should.Throw<SharedObjectException>(() => ProcessQueue<long>.Open("queue-by-name")).Fault.ShouldBe(SharedObjectFault.TypeMismatch);
        Should.Throw<SharedObjectException>(() => ProcessQueue<string>.Open("queue-by-name")).Fault.ShouldBe(SharedObjectFault.TypeMismatch);
        Should.Throw<SharedObjectException>(() => ProcessQueue<int>.Open("no-such-queue")).Fault.ShouldBe(SharedObjectFault.NotFound);
    }

    [ProcessFact]
    public async Task A_large_item_arrives_though_its_producer_was_killed()
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096 });
        var child = ChildProcess.Start(() =>
        {
            queue.Put(new byte[10]);
            queue.Put(new byte[100_000]);
            queue.Put(new byte[20]);
            Process.GetCurrentProcess().Kill();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        queue.Take(Token).Length.ShouldBe(10);
        queue.Take(Token).Length.ShouldBe(100_000);
        queue.Take(Token).Length.ShouldBe(20);
        queue.GetStatistics().Lost.ShouldBe(0);
    }

    [ProcessFact]
    public async Task A_shared_object_in_an_item_is_released_when_it_was_taken_though_nothing_is_put_any_more()
    {
        using var queue = new ProcessQueue<SharedArray<int>>(4);
        int before = SharedRegion.Count;
        using (var array = new SharedArray<int>(1000))
        {
            array[999] = 7;
            queue.Put(array, Token);
        }

        SharedRegion.Count.ShouldBe(before + 1);
        (await ChildProcess.Start(() =>
        {
            using var array = queue.Take();
            return array[999];
        }).JoinAsync(Token)).ShouldBe(7);
        await TestTimeout.UntilAsync(() => SharedRegion.Count == before);
    }

    [ProcessFact]
    public async Task An_item_whose_shared_object_has_gone_with_its_producer_is_counted_as_lost()
    {
        using var queue = new ProcessQueue<SharedArray<int>?>(4);
        var child = ChildProcess.Start(() =>
        {
            queue.Put(new SharedArray<int>(1000));
            queue.Put(null);
            Process.GetCurrentProcess().Kill();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        queue.Take(Token).ShouldBeNull();
        queue.GetStatistics().Lost.ShouldBe(1);
    }

    [ProcessFact]
    public async Task No_process_that_puts_much_starves_another()
    {
        using var queue = new ProcessQueue<int>(10_000);
        queue.PutMany(new int[10_000], Token);
        await ChildProcess.Start(() => queue.Put(1)).JoinAsync(Token);
        int taken = 1;
        while (queue.Take(Token) == 0) taken++;
        taken.ShouldBeLessThan(200);
        var some = new int[100];
        await ChildProcess.Start(() => queue.Put(1)).JoinAsync(Token);
        for (taken = 1; queue.TakeMany(some, Token) is var count && !some.AsSpan(0, count).Contains(1); taken++) { }
        taken.ShouldBeLessThan(5);
    }

    [ProcessFact]
    public async Task A_large_item_put_before_its_producer_closes_the_queue_can_still_be_taken()
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096 });
        using var gate = new ProcessGate();
        var child = ChildProcess.Start(() =>
        {
            queue.Put(new byte[100_000]);
            queue.Dispose();
            gate.Pass();
        });
        queue.Take(Token).Length.ShouldBe(100_000);
        gate.Open();
        await child.JoinAsync(Token);
    }

    // The kernel kills the process at that step, so it runs nothing after it.
    private static void DieAt(QueueStep step) => ProducerRing.StepReached = reached =>
    {
        if (reached == step) Process.GetCurrentProcess().Kill();
    };
}
