using Samovar.RabbitMQ.Consuming;

namespace Samovar.RabbitMQ.Checks;

public sealed class AckTrackerTests
{
    private readonly AckTracker _tracker = new();
    private readonly AckBatch _batch = new();
    private readonly HeldCount _held = new();

    [ThreadFact]
    public void Deliveries_that_are_settled_from_the_first_on_need_one_acknowledgement()
    {
        Add(5);
        foreach (ulong tag in new ulong[] { 3, 1, 2 }) _tracker.Settle(tag, isReturned: false);
        _tracker.Pending.ShouldBe(3);

        Take().ShouldBe((3, "", ""));
        _held.Value.ShouldBe(2);
        _tracker.Pending.ShouldBe(0);
        Take().ShouldBe((0, "", ""));
    }

    [ThreadFact]
    public void Deliveries_after_one_that_is_held_are_acknowledged_one_by_one_and_not_again()
    {
        Add(4);
        _tracker.Settle(2, isReturned: false);
        _tracker.Settle(4, isReturned: false);

        Take().ShouldBe((0, "2,4", ""));
        _tracker.Settle(1, isReturned: false);
        Take().ShouldBe((1, "", ""));
        _tracker.Settle(3, isReturned: false);
        Take().ShouldBe((3, "", ""));
        _held.Value.ShouldBe(0);
    }

    [ThreadFact]
    public void Returns_are_sent_before_the_acknowledgement_that_covers_them()
    {
        Add(3);
        _tracker.Settle(1, isReturned: true);
        _tracker.Settle(2, isReturned: false);
        _tracker.Settle(3, isReturned: true);

        Take().ShouldBe((2, "", "1,3"));
        _held.Value.ShouldBe(0);
    }

    [ThreadFact]
    public void A_gap_in_the_tags_is_an_error()
    {
        Add(1);

        Should.Throw<InvalidOperationException>(() => _tracker.Add(3, _held));
    }

    [ThreadFact]
    public void A_part_counts_in_its_whole()
    {
        var part = new HeldCount(_held);
        _tracker.Add(1, part);
        _tracker.Add(2, new HeldCount(_held));

        (part.Value, _held.Value).ShouldBe((1, 2));
        _tracker.Settle(1, isReturned: false);
        Take();

        (part.Value, _held.Value).ShouldBe((0, 1));
    }

    [ThreadFact]
    public void Every_delivery_is_settled_exactly_once_in_any_order()
    {
        var random = new Random(11);
        var open = new List<ulong>();
        var acknowledged = new HashSet<ulong>();
        ulong next = 1, upTo = 0;
        for (int round = 0; round < 2000; round++)
        {
            for (int i = random.Next(5); i > 0; i--)
            {
                open.Add(next);
                _tracker.Add(next++, _held);
            }

            for (int i = Math.Min(open.Count, random.Next(5)); i > 0; i--)
            {
                int index = random.Next(open.Count);
                _tracker.Settle(open[index], isReturned: random.Next(4) == 0);
                open.RemoveAt(index);
            }

            _tracker.TakeBatch(_batch);
            foreach (ulong tag in _batch.Returned.Concat(_batch.Single)) acknowledged.Add(tag).ShouldBeTrue();
            for (ulong tag = upTo + 1; tag <= _batch.UpTo; tag++) acknowledged.Add(tag);
            upTo = Math.Max(upTo, _batch.UpTo);
            open.ShouldAllBe(tag => !acknowledged.Contains(tag));
            (open.Count + acknowledged.Count).ShouldBe((int)(next - 1));
            _held.Value.ShouldBe(open.Count);
        }
    }

    private void Add(int count)
    {
        for (ulong tag = 1; tag <= (ulong)count; tag++) _tracker.Add(tag, _held);
    }

    private (int UpTo, string Single, string Returned) Take()
    {
        _tracker.TakeBatch(_batch);
        return ((int)_batch.UpTo, string.Join(',', _batch.Single), string.Join(',', _batch.Returned));
    }
}
