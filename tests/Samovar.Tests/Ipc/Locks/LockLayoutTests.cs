using System.Globalization;
using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>The memory of a lock is as docs/reference/ipc-format.md describes it.</summary>
public sealed class LockLayoutTests
{
    [ThreadFact]
    public async Task Permits_and_their_slots_lie_where_the_documentation_says()
    {
        using var tested = new ProcessLock();
        var permits = Table("Permits");
        var slot = Table("Permits' slot");
        At(tested, permits["word"]).ShouldBe(1ul);
        var lease = tested.Enter();
        ulong word = At(tested, permits["word"]);
        (word & 0xFFFFF).ShouldBe(0ul);
        ((word >> 22) & 7).ShouldBe(1ul); // took one
        ((word >> 25) & 0xFFF).ShouldBe(0ul);
        (word >> 37).ShouldBe(1ul);
        InSlot(tested, slot["account"]).ShouldBe((1ul << 32) | 1);
        var waiting = tested.EnterAsync().AsTask();
        At(tested, permits["ticket"]).ShouldBe(1ul);
        InSlot(tested, slot["ticket"]).ShouldBe(1ul);
        ((uint)InSlot(tested, slot["waiting"])).ShouldBe(1u);
        await TestTimeout.UntilAsync(() => (InSlot(tested, slot["signals"] + 4) & 1) == 1); // ticket 1 sleeps at word 1
        ((At(tested, permits["word"]) >> 20) & 1).ShouldBe(1ul);
        ((uint)At(tested, permits["used"])).ShouldBe(1u);
        Put(tested, permits["abandonments"], 7);
        tested.GetStatistics().Abandonments.ShouldBe(7);
        lease.Dispose();
        (await waiting.WaitAsync(TestTimeout.Wait)).Dispose();
        InSlot(tested, slot["ticket"]).ShouldBe(0ul);
    }

    [ThreadFact]
    public void A_barriers_word_is_that_of_the_documentation()
    {
        string row = File.ReadLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md")).Single(l => l.StartsWith("| barrier ", StringComparison.Ordinal));
        row.ShouldContain("bits 0–14 arrived, 15 broken, 16–31 phase, 32–47 how many phases ago one was reset, 48–63 the one before that");
        var word = new BarrierWord(0).Arrive().Arrive();
        word.Value.ShouldBe(2ul);
        word.Leave().Break().Value.ShouldBe((1ul << 15) | 1);
        word.Next(isTorn: true).Value.ShouldBe((1ul << 32) | (1ul << 16));
        word.Next(isTorn: true).Next(isTorn: false).Value.ShouldBe((2ul << 32) | (2ul << 16));
        word.Next(isTorn: true).Next(isTorn: true).Next(isTorn: false).Value.ShouldBe((3ul << 48) | (2ul << 32) | (3ul << 16));
    }

    [ThreadFact]
    public void A_barriers_waiter_learns_how_its_phase_ended_also_when_others_are_further()
    {
        var word = new BarrierWord(0xFFFFul << 16); // the last phase before the number wraps around
        word = word.Arrive().Next(isTorn: false);
        word.Phase.ShouldBe((ushort)0);
        word.EndedWell(0xFFFF).ShouldBeTrue();
        word = word.Next(isTorn: true);
        for (int i = 0; i < 50_000; i++) word = word.Next(isTorn: false);
        word.EndedWell(0xFFFF).ShouldBeTrue();
        word.EndedWell(0).ShouldBeFalse();
        word.EndedWell(1).ShouldBeTrue();
        word.Next(isTorn: true).EndedWell(0).ShouldBeFalse();
        word.Next(isTorn: true).EndedWell(50_000).ShouldBeTrue();
        for (int i = 50_001; i < 65_536; i++) word = word.Next(isTorn: false);
        word.Phase.ShouldBe((ushort)0); // the number has wrapped around, and the reset is forgotten
        word.Next(isTorn: false).EndedWell(0).ShouldBeTrue();
    }

    [ThreadFact]
    public unsafe void A_forged_word_gives_a_typed_error()
    {
        using var tested = new ProcessLock();
        *(ulong*)tested.Reference.Region.Data = 1 | (1ul << 22) | (0xFFFul << 25) | (1ul << 37);
        Should.Throw<ChannelCorruptedException>(() => tested.Enter()).Message.ShouldContain("slot 4095");
        *(ulong*)tested.Reference.Region.Data = 1 | (7ul << 22) | (1ul << 37);
        Should.Throw<ChannelCorruptedException>(() => tested.Enter()).Message.ShouldContain("move 7");
    }

    private static Dictionary<string, int> Table(string name) => File.ReadLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md"))
        .SkipWhile(l => !l.StartsWith($"| Offset | Bytes | {name} |", StringComparison.Ordinal)).Skip(2)
        .TakeWhile(l => l.StartsWith('|'))
        .Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..])
        .ToDictionary(r => r[2], r => int.Parse(r[0].TrimStart('+'), CultureInfo.InvariantCulture));

    private static unsafe ulong At(ProcessLock tested, int offset) => Volatile.Read(ref *(ulong*)(tested.Reference.Region.Data + offset));

    private static unsafe void Put(ProcessLock tested, int offset, int value) => Volatile.Write(ref *(int*)(tested.Reference.Region.Data + offset), value);

    private static unsafe ulong InSlot(ProcessLock tested, int offset) => Volatile.Read(ref *(ulong*)(tested.Reference.Region.ProcessSlots + offset));
}
