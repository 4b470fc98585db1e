using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>A queue by priority, and comparers that fail.</summary>
public sealed class AsyncQueueOrderTests
{
    private static readonly Comparer<int> s_refuses13 =
        Comparer<int>.Create(static (left, right) => left == 13 || right == 13 ? throw new FormatException("13") : left.CompareTo(right));

    [ThreadFact]
    public async Task An_item_that_cannot_be_compared_is_refused_and_leaves_no_trace()
    {
        var queue = new AsyncQueue<int>(order: AsyncQueueOrder.Priority, comparer: s_refuses13);
        queue.TryPut(1).ShouldBeTrue();
        Should.Throw<Exception>(() => queue.TryPut(13));
        queue.Count.ShouldBe(1);
        queue.TryTake(out int item).ShouldBeTrue();
        item.ShouldBe(1);
        queue.Done();
        await queue.WaitUntilDoneAsync().AsTask().WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task An_item_that_cannot_be_compared_fails_the_put_and_not_the_take() => await RunAsync(static async () =>
    {
        var queue = new AsyncQueue<int>(capacity: 2, order: AsyncQueueOrder.Priority, comparer: s_refuses13);
        await queue.PutAsync(1);
        await queue.PutAsync(2);
        var putting = queue.PutAsync(13).AsTask();
        var taken = await CaughtAsync(queue.TakeAsync().AsTask());
        taken.ShouldBeNull();
        (await CaughtAsync(putting)).ShouldNotBeNull();
    });

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_least_comes_first_and_equal_ones_as_they_went_in(int seed)
    {
        var random = new Random(seed);
        var queue = new AsyncQueue<(int Rank, int Number)>(
            order: AsyncQueueOrder.Priority, comparer: Comparer<(int Rank, int Number)>.Create(static (left, right) => left.Rank.CompareTo(right.Rank)));
        var expected = new List<(int Rank, int Number)>();
        for (int number = 0; number < 2_000; number++)
        {
            if (expected.Count > 0 && random.Next(3) == 0)
            {
                queue.TryTake(out var item).ShouldBeTrue();
                item.ShouldBe(expected.MinBy(static waiting => (waiting.Rank, waiting.Number)));
                expected.Remove(item);
            }

            var added = (random.Next(20), number);
            queue.TryPut(added).ShouldBeTrue();
            expected.Add(added);
        }

        while (queue.TryTake(out var item))
        {
            item.ShouldBe(expected.MinBy(static waiting => (waiting.Rank, waiting.Number)));
            expected.Remove(item);
        }

        expected.ShouldBeEmpty();
    }
}
