using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Ipc.Channel;

public sealed unsafe class ItemJournalTests : IDisposable
{
    private const int Length = ItemJournalHeader.HeaderSize + 40;
    private static readonly ItemTicket s_ticket = new(3, 7);
    private readonly LocalSegment _memory = new(4096);
    private readonly ItemJournal _journal;

    public ItemJournalTests() => _journal = new ItemJournal(_memory.Start, Length);

    public void Dispose() => _memory.Dispose();

    [ThreadFact]
    public void A_death_between_two_steps_leaves_the_completed_items_and_which_item_ran()
    {
        Left().ShouldBe((0, 0, 0)); // of another batch: nothing of this one has begun
        _journal.Open(s_ticket);
        Left().ShouldBe((0, 0, 0));
        _journal.Begin();
        Left().ShouldBe((0, 1, 0));
        _journal.TryKeep(1L).ShouldBeTrue();
        Left().ShouldBe((0, 1, 1));
        _journal.Begin();
        _journal.TryKeep("text").ShouldBeTrue();
        Left().ShouldBe((0, 2, 2));
        _journal.Begin();
        _journal.TryKeep("no room for this").ShouldBeFalse();
        Left().ShouldBe((0, 3, 2));
        _journal.WasSent();
        Left().ShouldBe((2, 3, 2));
        _journal.EndedInRing();
        Left().ShouldBe((3, 3, 3));
        _journal.Open(new ItemTicket(3, 8));
        Left().ShouldBe((0, 0, 0));
    }

    [ThreadTheory]
    [InlineData(0, 1, 0, true, 0)]
    [InlineData(2, 5, 4, true, 2)]
    [InlineData(3, 3, 2, true, 0)] // between the two steps of an item that went into the ring
    [InlineData(0, 2, 0, false, 0)]
    [InlineData(0, 1, 2, false, 0)]
    [InlineData(-1, 1, 1, false, 0)]
    [InlineData(4, 3, 3, false, 0)]
    public void What_no_sound_worker_leaves_is_known(int sent, int begun, int ended, bool isSound, int entries)
    {
        var copy = new ItemJournalCopy(sent, begun, ended, IsOfTicket: true, []);
        copy.IsSound.ShouldBe(isSound);
        if (isSound) copy.EntryCount.ShouldBe(entries);
    }

    private (int Sent, int Begun, int Ended) Left()
    {
        var copy = ItemJournalCopy.Of(_memory.Start, Length, s_ticket);
        return (copy.Sent, copy.Begun, copy.Ended);
    }
}
