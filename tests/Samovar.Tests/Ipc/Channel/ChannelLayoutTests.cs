using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;

namespace Samovar.Tests.Ipc.Channel;

public sealed class ChannelLayoutTests
{
    [ThreadFact]
    public void The_struct_is_the_table_of_the_documentation()
    {
        FieldsOf<ChannelHeader>().ShouldBe(Rows().Select(static r => $"{r[0]} {r[1]} {r[2].Trim('`')}"));
        FieldsOf<ItemJournalHeader>().ShouldBe(Rows("## Item journal", "## Doorbells").Select(static r => $"{r[0]} {r[1]} {r[2].Trim('`')}"));
        Unsafe.SizeOf<ItemJournalHeader>().ShouldBe(ItemJournalHeader.HeaderSize);
        Unsafe.SizeOf<ChannelHeader>().ShouldBe(ChannelHeader.HeaderSize);
        ChannelSizes.SlotsOffset.ShouldBe(1024);
    }

    [ThreadFact]
    public void Words_that_two_sides_write_are_128_bytes_apart()
    {
        int[] offsets = [.. Rows().Where(r => r[3] != "parent" || r[2] == "`ResultsHead`").Select(r => int.Parse(r[0], CultureInfo.InvariantCulture))];
        offsets.Length.ShouldBe(5);
        offsets.ShouldAllBe(o => o % 128 == 0);
        offsets.Distinct().Count().ShouldBe(5);
    }

    [ThreadFact]
    public void Regions_follow_each_other_without_overlap()
    {
        foreach (int slots in (int[])[1, 2, 47, 48, 49, 256, 4096])
        {
            var sizes = new ChannelSizes { Slots = slots, WorkCapacity = 8192, ResultsCapacity = 4096 };
            sizes.Validate();
            sizes.WorkOffset.ShouldBeGreaterThanOrEqualTo(ChannelSizes.SlotsOffset + (slots * ChannelHeader.SlotStride));
            sizes.ResultsOffset.ShouldBe(sizes.WorkOffset + 8192);
            sizes.SegmentLength.ShouldBeGreaterThanOrEqualTo(sizes.ResultsOffset + 4096);
            (sizes.SegmentLength % 4096).ShouldBe(0);
        }
    }

    [ThreadTheory]
    [InlineData(4095, 4096, 1)]
    [InlineData(2048, 4096, 1)]
    [InlineData(4096, 6000, 1)]
    [InlineData(4096, 4096, 0)]
    [InlineData(4096, 4096, 4097)]
    public void Sizes_out_of_range_are_refused(int work, int results, int slots) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new ChannelSizes { WorkCapacity = work, ResultsCapacity = results, Slots = slots }.Validate());

    private static string[] FieldsOf<T>()
        where T : struct =>
    [
        .. typeof(T).GetFields().Where(f => !f.IsLiteral)
            .Select(f => (Offset: (int)Marshal.OffsetOf<T>(f.Name), Size: Marshal.SizeOf(f.FieldType), f.Name))
            .OrderBy(f => f.Offset)
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Offset} {f.Size} {f.Name}")),
    ];

    private static List<string[]> Rows(string from = "## Header", string to = "## Ring")
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Samovar.slnx"))) root = Path.GetDirectoryName(root)!;
        string document = Path.Combine(root, "docs/reference/ipc-format.md");
        return
        [
            .. File.ReadLines(document).SkipWhile(l => l != from).TakeWhile(l => l != to)
                .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(l[2]))
                .Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..]),
        ];
    }
}
