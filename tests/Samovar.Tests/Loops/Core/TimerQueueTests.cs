using Samovar.Loops.Core;

namespace Samovar.Tests.Loops.Core;

public sealed class TimerQueueTests
{
    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Timers_come_in_the_order_they_are_due_and_within_it_as_they_were_armed(int seed)
    {
        var random = new Random(seed);
        var queue = new TimerQueue();
        var expected = new List<(long Due, int Order, Node Node)>();
        for (int i = 0; i < 2000; i++)
        {
            var node = new Node();
            long due = random.Next(5) == 0 ? i : random.Next(300);
            queue.Add(due, node);
            expected.Add((due, i, node));
        }

        foreach (var (_, _, node) in expected.Where(_ => random.Next(3) == 0).ToList())
        {
            queue.Cancel(node).ShouldBeTrue();
            queue.Cancel(node).ShouldBeFalse("it is called off already");
            expected.RemoveAll(entry => ReferenceEquals(entry.Node, node));
        }

        queue.Count.ShouldBe(expected.Count);
        var taken = new List<Node>();
        while (queue.TryPeek(out long due))
        {
            queue.TakeDue(due - 1).ShouldBeNull();
            taken.Add((Node)queue.TakeDue(due)!);
        }

        taken.ShouldBe(expected.OrderBy(static entry => entry.Due).ThenBy(static entry => entry.Order).Select(static entry => entry.Node));
        queue.Kept.ShouldBe(0);
    }

    [ThreadFact]
    public void Cancelled_timers_never_take_more_room_than_living_ones()
    {
        var queue = new TimerQueue();
        var random = new Random(4);
        for (int i = 0; i < 100; i++) queue.Add(random.Next(1000), new Node());
        for (int i = 0; i < 100_000; i++)
        {
            var node = new Node();
            queue.Add(random.Next(1000), node);
            queue.Cancel(node);
            queue.Kept.ShouldBeLessThanOrEqualTo(2 * (queue.Count + 65));
        }

        queue.Count.ShouldBe(100);
    }

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Timers_that_are_armed_cancelled_and_taken_in_turn_come_in_order(int seed)
    {
        var random = new Random(seed);
        var queue = new TimerQueue();
        var armed = new List<(long Due, int Order, Node Node)>();
        for (int i = 0; i < 5000; i++)
        {
            int step = random.Next(8);
            if (step < 4)
            {
                var node = new Node();
                long due = i + random.Next(2) * random.Next(1000);
                queue.Add(due, node);
                armed.Add((due, i, node));
            }
            else if (step < 7 && armed.Count > 0)
            {
                int place = random.Next(2) == 0 ? armed.Count - 1 : random.Next(armed.Count);
                queue.Cancel(armed[place].Node).ShouldBeTrue();
                armed.RemoveAt(place);
            }
            else if (armed.Count > 0)
            {
                var first = armed.MinBy(static entry => (entry.Due, entry.Order));
                queue.TakeDue(long.MaxValue).ShouldBeSameAs(first.Node);
                armed.Remove(first);
            }

            queue.Count.ShouldBe(armed.Count);
        }
    }

    [ThreadTheory]
    [InlineData(1000)] // the end of the run
    [InlineData(50)] // the last leaf of the heap
    public void A_timer_that_is_cancelled_before_another_is_armed_leaves_no_entry(int due)
    {
        var queue = new TimerQueue();
        for (int i = 0; i < 10; i++) queue.Add(i * 10, new Node());

        var node = new Node();
        queue.Add(due, node);
        queue.Cancel(node).ShouldBeTrue();

        queue.Kept.ShouldBe(10);
    }

    [ThreadFact]
    public void A_timer_that_has_come_up_can_no_longer_be_called_off()
    {
        var queue = new TimerQueue();
        var node = new Node();
        queue.Add(5, node);
        queue.TakeDue(5).ShouldBeSameAs(node);
        queue.Cancel(node).ShouldBeFalse();
        queue.Count.ShouldBe(0);
    }

    private sealed class Node : TimerNode
    {
        public override void Due(LoopCore loop)
        {
        }
    }
}
