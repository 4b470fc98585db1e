using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Ipc.Shared;

public sealed class SharedLayoutTests
{
    [ThreadFact]
    public void The_header_is_the_table_of_the_documentation()
    {
        string[] documented =
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md"))
                .SkipWhile(l => l != "## Shared header").TakeWhile(l => l != "## Process slots")
                .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(l[2]))
                .Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..]).Select(r => $"{r[0]} {r[1]} {r[2].Trim('`')}"),
        ];
        string[] actual =
        [
            .. typeof(SharedHeader).GetFields().Where(f => !f.IsLiteral)
                .Select(f => (Offset: (int)Marshal.OffsetOf<SharedHeader>(f.Name), Size: SizeOf(f.FieldType), f.Name))
                .OrderBy(f => f.Offset)
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Offset} {f.Size} {f.Name}")),
        ];
        actual.ShouldBe(documented);
        documented.Length.ShouldBe(16);
        Unsafe.SizeOf<SharedHeader>().ShouldBe(SharedHeader.HeaderSize);
    }

    [ThreadFact]
    public void The_kinds_are_those_of_the_documentation()
    {
        string row = File.ReadLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md")).Single(l => l.Contains("| `Kind` | 1 memory", StringComparison.Ordinal));
        foreach (SharedKind kind in Enum.GetValues<SharedKind>())
        {
            string words = kind == SharedKind.ReaderWriterLock ? "reader-writer lock" : $"{kind}";
            row.ShouldContain($"{(uint)kind} {words}", Case.Insensitive);
        }
    }

    [ThreadTheory]
    [InlineData(0, 1)]
    [InlineData(0, 3584)]
    [InlineData(0, 3585)]
    [InlineData(0, 4090)]
    [InlineData(0, 5000)]
    [InlineData(1, 8)]
    [InlineData(56, 8)]
    [InlineData(256, 100_000)]
    public void What_is_written_is_read_again(int processSlots, long length)
    {
        var format = SharedFormat.Of<byte>(SharedKind.Array) with { ProcessSlots = processSlots, Capacity = length, DataLength = length, Name = "a-name", Traits = 7 };
        using var memory = new LocalSegment(format.Length);
        var cookie = ChannelCookie.Random();
        format.Write(memory, cookie);
        SharedFormat found = SharedFormat.Read(memory, cookie, out ChannelCookie same);
        same.ShouldBe(cookie);
        found.DataOffset.ShouldBe(format.DataOffset);
        found.ShouldBe(format with { DataLength = found.DataLength });
        (found.DataOffset + length).ShouldBeLessThanOrEqualTo(memory.Length);
        found.DataOffset.ShouldBeGreaterThanOrEqualTo(SharedHeader.HeaderSize + (processSlots * ProcessTable.SlotSize));
        found.CheckFits(SharedFormat.Of<byte>(SharedKind.Array));
    }

    [ThreadTheory]
    [InlineData(nameof(SharedHeader.Magic), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.Version), typeof(SharedObjectException))]
    [InlineData(nameof(SharedHeader.Length), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.DataOffset), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.Capacity), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.ElementSize), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.ProcessSlots), typeof(ChannelCorruptedException))]
    [InlineData(nameof(SharedHeader.CookieLow), typeof(SharedObjectException))]
    public unsafe void A_forged_field_gives_a_typed_error(string field, Type error)
    {
        var format = SharedFormat.Of<long>(SharedKind.Array) with { Capacity = 10, DataLength = 80, ProcessSlots = 2 };
        using var memory = new LocalSegment(format.Length);
        var cookie = ChannelCookie.Random();
        foreach (int value in (int[])[-1, int.MinValue, 0x40000000, 12345])
        {
            new Span<byte>(memory.Start, 512).Clear();
            format.Write(memory, cookie);
            int offset = (int)Marshal.OffsetOf<SharedHeader>(field);
            new Span<byte>(memory.Start + offset + (field.StartsWith('D') ? 4 : 0), 4).Clear();
            MemoryMarshal.Write(new Span<byte>(memory.Start + offset, 4), value);
            Should.Throw(() => SharedFormat.Read(memory, cookie, out _).CheckFits(format), error);
        }
    }

    [ThreadFact]
    public void Another_kind_or_element_is_distinguished()
    {
        var ints = SharedFormat.Of<int>(SharedKind.Array);
        Fault(ints, SharedFormat.Of<float>(SharedKind.Array)).ShouldBe("The shared object is a Array of System.Int32 (4 bytes each), not a Array of System.Single (4 bytes each).");
        Fault(ints, SharedFormat.Of<int>(SharedKind.Value)).ShouldContain("not a Value of System.Int32");
        Fault(ints, new SharedFormat { Kind = SharedKind.Memory }).ShouldContain("not a Memory.");

        static string Fault(SharedFormat found, SharedFormat expected)
        {
            var error = Should.Throw<SharedObjectException>(() => found.CheckFits(expected));
            error.Fault.ShouldBe(SharedObjectFault.TypeMismatch);
            return error.Message;
        }
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
