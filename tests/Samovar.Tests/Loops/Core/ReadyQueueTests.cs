using Samovar.Loops.Core;

namespace Samovar.Tests.Loops.Core;

public sealed class ReadyQueueTests
{
    [ThreadFact]
    public void Callbacks_come_out_as_they_went_in_also_while_it_grows_and_wraps()
    {
        var queue = new ReadyQueue();
        int put = 0, taken = 0;
        for (int round = 1; round < 200; round++)
        {
            for (int i = 0; i < round; i++) queue.Enqueue(this, put++);
            for (int i = 0; i < round - 1; i++) queue.Dequeue().State.ShouldBe(taken++);
        }

        while (queue.Count > 0) queue.Dequeue().State.ShouldBe(taken++);
        taken.ShouldBe(put);
    }

    [ThreadFact]
    public void Taking_one_from_the_middle_leaves_the_order_of_the_others()
    {
        foreach (int turns in (int[])[0, 60, 63])
        {
            var queue = new ReadyQueue();
            for (int i = 0; i < turns; i++)
            {
                queue.Enqueue(this, null);
                queue.Dequeue();
            }

            for (int i = 0; i < 5; i++) queue.Enqueue(this, i);
            queue.TakeAt(3).State.ShouldBe(3);
            queue.TakeAt(0).State.ShouldBe(0);
            queue.TakeAt(2).State.ShouldBe(4);
            queue.Dequeue().State.ShouldBe(1);
            queue.Dequeue().State.ShouldBe(2);
        }
    }
}
