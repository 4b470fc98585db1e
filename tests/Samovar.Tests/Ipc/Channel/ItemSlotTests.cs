using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Ipc.Channel;

public sealed class ItemSlotTests : IDisposable
{
    private const int Count = 4;
    private readonly LocalSegment _memory = new(Count * ChannelHeader.SlotStride);
    private readonly SlotWords _words;
    private readonly ParentSlots _parent;
    private readonly WorkerSlots _worker;

    public ItemSlotTests()
    {
        unsafe
        {
            _words = new SlotWords(_memory.Start, Count);
        }

        _parent = new ParentSlots(_words);
        _worker = new WorkerSlots(_words);
    }

    [ThreadFact]
    public void What_has_started_cannot_be_revoked()
    {
        _parent.TrySend(out ItemTicket ticket).ShouldBeTrue();
        _worker.TryStart(ticket, now: 1).ShouldBeTrue();
        _parent.TryRevoke(ticket).ShouldBeFalse();
        _parent.StateOf(ticket).ShouldBe(ItemSlotState.Started);
    }

    [ThreadFact]
    public void What_was_revoked_never_starts()
    {
        _parent.TrySend(out ItemTicket ticket).ShouldBeTrue();
        _parent.TryRevoke(ticket).ShouldBeTrue();
        _worker.TryStart(ticket, now: 1).ShouldBeFalse();
        _parent.TryRevoke(ticket).ShouldBeFalse();
    }

    [ThreadFact]
    public void A_ticket_of_an_earlier_use_is_void()
    {
        _parent.TrySend(out ItemTicket first).ShouldBeTrue();
        _parent.TryRevoke(first).ShouldBeTrue();
        _parent.Free(first).ShouldBeTrue();
        _parent.TrySend(out ItemTicket second).ShouldBeTrue();
        second.Slot.ShouldBe(first.Slot);

        _worker.TryStart(first, now: 1).ShouldBeFalse();
        _parent.TryRevoke(first).ShouldBeFalse();
        _parent.StateOf(first).ShouldBe(ItemSlotState.Free);
        _worker.TryStart(second, now: 1).ShouldBeTrue();
    }

    [ThreadFact]
    public void Slots_run_out_and_come_back()
    {
        var tickets = new List<ItemTicket>();
        while (_parent.TrySend(out ItemTicket ticket)) tickets.Add(ticket);

        tickets.Count.ShouldBe(Count);
        tickets.Select(t => t.Slot).Distinct().Count().ShouldBe(Count);
        _parent.Free(tickets[2]).ShouldBeTrue();
        _parent.FreeCount.ShouldBe(1);
    }

    [ThreadFact]
    public void Answering_twice_or_unasked_frees_nothing()
    {
        _parent.TrySend(out ItemTicket ticket).ShouldBeTrue();
        _parent.Free(ticket).ShouldBeTrue();
        _parent.Free(ticket).ShouldBeFalse();
        _parent.Free(new ItemTicket(3, 1)).ShouldBeFalse();
        _parent.Free(new ItemTicket(-1, 1)).ShouldBeFalse();
        _parent.Free(new ItemTicket(Count, 1)).ShouldBeFalse();
        _parent.FreeCount.ShouldBe(Count);
    }

    [ThreadFact]
    public void A_word_that_no_transition_makes_is_an_error()
    {
        _parent.TrySend(out ItemTicket ticket).ShouldBeTrue();
        _words[ticket.Slot] = 7;
        Should.Throw<ChannelCorruptedException>(() => _parent.TryRevoke(ticket));
        Should.Throw<ChannelCorruptedException>(() => _parent.StateOf(ticket));
    }

    [ThreadFact]
    public void A_word_of_a_generation_that_was_never_given_is_an_error()
    {
        _parent.TrySend(out ItemTicket ticket).ShouldBeTrue();
        _words[ticket.Slot] = SlotWords.Pack(ticket.Generation + 1, ItemSlotState.Sent);
        Should.Throw<ChannelCorruptedException>(() => _parent.TryRevoke(ticket));
        Should.Throw<ChannelCorruptedException>(() => _parent.StateOf(ticket));
    }

    [ThreadFact]
    public void A_slot_out_of_range_is_an_error_for_the_worker()
    {
        Should.Throw<ChannelCorruptedException>(() => _worker.TryStart(new ItemTicket(Count, 1), now: 1));
        Should.Throw<ChannelCorruptedException>(() => _worker.TryStart(new ItemTicket(-1, 1), now: 1));
    }

    [ThreadFact]
    public async Task Racing_sides_never_both_win_and_never_both_lose()
    {
        const int rounds = 20_000;
        CancellationToken token = TestContext.Current.CancellationToken;
        using var barrier = new Barrier(2);
        bool revoked = false;
        ItemTicket ticket = default;
        Task parent = Task.Run(
            () =>
            {
                for (int i = 0; i < rounds; i++)
                {
                    _parent.TrySend(out ticket).ShouldBeTrue();
                    barrier.SignalAndWait(token);
                    revoked = _parent.TryRevoke(ticket);
                    barrier.SignalAndWait(token);
                    _parent.Free(ticket).ShouldBeTrue();
                }
            }, token);
        for (int i = 0; i < rounds; i++)
        {
            barrier.SignalAndWait(token);
            bool started = _worker.TryStart(ticket, now: 1);
            barrier.SignalAndWait(token);
            (started ^ revoked).ShouldBeTrue();
        }

        await parent;
    }

    public void Dispose() => _memory.Dispose();
}
