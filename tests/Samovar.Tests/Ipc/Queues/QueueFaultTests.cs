using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Waiting;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>A process is killed between each two steps of each way to put and to take; the others get each other item once, in order, and continue.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class QueueFaultTests
{
    private const int LargeLength = 70_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> PutCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string way in new[] { "text", "large", "batch" })
            {
                foreach (QueueStep step in new[] { QueueStep.Locked, QueueStep.LargeWritten, QueueStep.Written, QueueStep.Published, QueueStep.Unlocked })
                {
                    if (way == "large" || step != QueueStep.LargeWritten) cases.Add(way, $"{step}");
                }
            }

            return cases;
        }
    }

    public static TheoryData<string, string> TakeCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string way in new[] { "text", "large", "batch" })
            {
                foreach (QueueStep step in new[] { QueueStep.Claimed, QueueStep.Copied, QueueStep.Taken, QueueStep.LargeFreed, QueueStep.Released })
                {
                    if (way == "large" || step != QueueStep.LargeFreed) cases.Add(way, $"{step}");
                }
            }

            return cases;
        }
    }

    [ProcessTheory]
    [MemberData(nameof(PutCases))]
    public async Task A_producer_killed_between_two_steps_loses_what_it_was_putting_at_most(string way, string step)
    {
        var at = Enum.Parse<QueueStep>(step);
        bool isThere = at is QueueStep.Published or QueueStep.Unlocked;
        if (way == "batch")
        {
            using var numbers = new ProcessQueue<int>(16);
            await KilledAsync(Batch(numbers, at));
            int[] expected = isThere ? [1, 2, 3, 4, 5, 100] : [1, 2, 100];
            await ChildProcess.Start(Putting(numbers, 100)).JoinAsync(Token); // in the dead one's ring, or another
            for (int i = 0; i < expected.Length; i++) numbers.Take(Token).ShouldBe(expected[i]);
            numbers.TryTake(out _).ShouldBeFalse();
            return;
        }

        int length = way == "large" ? LargeLength : 10;
        using var texts = new ProcessQueue<string>(new ProcessQueueOptions { Capacity = 16, BytesPerProcess = 4096 });
        await KilledAsync(Texts(texts, length, at));
        await ChildProcess.Start(Putting(texts, new string('z', length))).JoinAsync(Token);
        foreach (char c in isThere ? "abcz" : "abz") texts.Take(Token).ShouldBe(new string(c, length));
        texts.TryTake(out _).ShouldBeFalse();

        static Action Batch(ProcessQueue<int> queue, QueueStep at) => () =>
        {
            queue.PutMany([1, 2]);
            DieAt(at);
            queue.PutMany([3, 4, 5]);
        };

        static Action Texts(ProcessQueue<string> queue, int length, QueueStep at) => () =>
        {
            queue.Put(new string('a', length));
            queue.Put(new string('b', length));
            DieAt(at);
            queue.Put(new string('c', length));
        };
    }

    [ProcessTheory]
    [MemberData(nameof(TakeCases))]
    public async Task A_consumer_killed_between_two_steps_has_what_it_took_and_leaves_the_rest(string way, string step)
    {
        var at = Enum.Parse<QueueStep>(step);
        bool isTaken = at is not (QueueStep.Claimed or QueueStep.Copied);
        if (way == "batch")
        {
            using var numbers = new ProcessQueue<int>(16);
            numbers.PutMany([1, 2, 3, 4], Token);
            await KilledAsync(Batch(numbers, at));
            for (int i = isTaken ? 4 : 2; i <= 4; i++) numbers.Take(Token).ShouldBe(i);
            numbers.TryTake(out _).ShouldBeFalse();
            return;
        }

        int length = way == "large" ? LargeLength : 10;
        using var texts = new ProcessQueue<string>(new ProcessQueueOptions { Capacity = 3, BytesPerProcess = 4096 });
        foreach (char c in "abc") texts.Put(new string(c, length), Token);
        await KilledAsync(Texts(texts, at));
        long before = texts.Reference.Region.InUse;
        foreach (char c in isTaken ? "c" : "bc") texts.Take(Token).ShouldBe(new string(c, length));
        if (way == "large") (before - texts.Reference.Region.InUse).ShouldBeGreaterThan(length, "the memory that the dead process took is released too");
        foreach (char c in "def") texts.TryPut(new string(c, length)).ShouldBeTrue();
        foreach (char c in "def") texts.Take(Token).ShouldBe(new string(c, length));

        static Action Batch(ProcessQueue<int> queue, QueueStep at) => () =>
        {
            queue.Take();
            DieAt(at);
            queue.TakeMany(new int[2]);
        };

        static Action Texts(ProcessQueue<string> queue, QueueStep at) => () =>
        {
            queue.Take();
            DieAt(at);
            queue.Take();
        };
    }

    [ProcessTheory]
    [InlineData(nameof(QueueStep.Locked), "ab")]
    [InlineData(nameof(QueueStep.Claimed), "ab")]
    [InlineData(nameof(QueueStep.Taken), "b")]
    [InlineData(nameof(QueueStep.LargeFreed), "b")]
    [InlineData(nameof(QueueStep.Released), "b")]
    [InlineData(nameof(QueueStep.LargeWritten), "b")]
    [InlineData(nameof(QueueStep.Written), "b")]
    [InlineData(nameof(QueueStep.Published), "bc")]
    [InlineData(nameof(QueueStep.Unlocked), "bc")]
    public async Task A_producer_killed_while_it_drops_the_oldest_leaves_a_queue_that_continues(string step, string left)
    {
        var at = Enum.Parse<QueueStep>(step);
        using var texts = new ProcessQueue<string>(new ProcessQueueOptions { Capacity = 2, BytesPerProcess = 4096, FullMode = ProcessQueueFullMode.DropOldest });
        await KilledAsync(Dropping(texts, at));
        foreach (char c in left) texts.Take(Token).ShouldBe(new string(c, LargeLength));
        await ChildProcess.Start(Putting(texts, "next")).JoinAsync(Token);
        texts.Take(Token).ShouldBe("next");
        texts.TryTake(out _).ShouldBeFalse();

        static Action Dropping(ProcessQueue<string> queue, QueueStep at) => () =>
        {
            queue.Put(new string('a', LargeLength));
            queue.Put(new string('b', LargeLength));
            DieAt(at);
            queue.Put(new string('c', LargeLength));
        };
    }

    [ProcessTheory]
    [InlineData(nameof(SignalStep.TurnAdvanced))]
    [InlineData(nameof(SignalStep.Woken))]
    public async Task A_sleeper_gets_the_item_of_a_producer_that_was_killed_while_it_woke_another(string step)
    {
        var at = Enum.Parse<SignalStep>(step);
        using var queue = new ProcessQueue<int>(4);
        var taking = TestSupport.OnOwnThread(() => queue.Take(Token).ShouldBe(1));
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1);
        await KilledAsync(Waking(queue, at));
        await taking.WaitAsync(TestTimeout.Wait, Token);

        // Joining wakes all waiters too, so the hook waits for the put.
        static Action Waking(ProcessQueue<int> queue, SignalStep at) => () =>
        {
            ProducerRing.StepReached = reached =>
            {
                if (reached == QueueStep.Unlocked) SignalWord.StepReached = signal => Die(signal == at);
            };
            queue.Put(1);
            Process.GetCurrentProcess().Kill(); // no waiter slept any more
        };
    }

    [ProcessFact]
    public async Task An_item_for_which_a_consumer_was_woken_that_dies_goes_to_another_that_sleeps()
    {
        using var queue = new ProcessQueue<int>(4);
        using var asleep = new ProcessQueue<int>(4);
        var child = ChildProcess.Start(Sleeping(queue, asleep));
        asleep.Take(Token);
        var taking = TestSupport.OnOwnThread(() => queue.Take(Token).ShouldBe(1));
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1);
        // The child may take the item and exit normally: then the next is for this process. No item is put while one is queued, so a
        // wake-up that is lost with the child makes this wait time out.
        await TestTimeout.UntilAsync(() =>
        {
            if (!taking.IsCompleted && queue.Count == 0) queue.Put(1, Token);
            return taking.IsCompleted;
        });
        await taking;
        if (!child.Exited.IsCompleted) child.Kill();
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);

        static Action Sleeping(ProcessQueue<int> queue, ProcessQueue<int> asleep) => () =>
        {
            int announced = 0;
            SignalWord.StepReached = step =>
            {
                if (step == SignalStep.Announced && ++announced == 1) asleep.Put(1);
                else Die(step == SignalStep.Announced && announced > 1 && queue.Count > 0);
            };
            queue.Take();
        };
    }

    private static async Task KilledAsync(Action work)
    {
        var child = ChildProcess.Start(work);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
    }

    private static Action Putting<T>(ProcessQueue<T> queue, T item) => () => queue.Put(item);

    private static void DieAt(QueueStep step) => ProducerRing.StepReached = reached => Die(reached == step);

    private static void Die(bool now)
    {
        if (now) Process.GetCurrentProcess().Kill();
    }
}
