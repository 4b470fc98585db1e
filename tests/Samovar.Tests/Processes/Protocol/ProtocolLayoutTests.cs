using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Processes.Protocol;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Processes.Protocol;

/// <summary>The task protocol in docs/reference/ipc-format.md matches the structs and enums that implement it.</summary>
public sealed class ProtocolLayoutTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md"));

    [ThreadFact]
    public void The_headers_are_the_tables_of_the_documentation()
    {
        Compare<TaskHeader>("## Task header", TaskHeader.Size);
        Compare<WorkHeader>("## Work header", WorkHeader.Size);
        Compare<SegmentRecord>("## Segment record", SegmentRecord.Size);
        Compare<ResultHeader>("## Result header", ResultHeader.Size);
        Compare<TicketRecord>("## Ticket record", TicketRecord.Size);
        Compare<ProgressHeader>("## Progress header", ProgressHeader.Size);
        Compare<LiveHeader>("## Live header", LiveHeader.Size);
        Compare<WorkerSetup>("## Worker setup", WorkerSetup.Size);
    }

    [ThreadFact]
    public void The_tags_and_flags_are_the_tables_of_the_documentation()
    {
        Values<RecordTag>().ShouldBe(Rows("## Records").Select(static row => $"{row[0]} {row[1].Trim('`')}"));
        Values<TaskFlags>().ShouldBe(Rows("## Task flags").Select(static row => $"{row[0]} {row[1].Trim('`')}"));
        Values<ResultFlags>().ShouldBe(Rows("## Result flags").Select(static row => $"{row[0]} {row[1].Trim('`')}"));
    }

    private static void Compare<T>(string title, int size)
        where T : struct
    {
        Fields<T>().ShouldBe(Rows(title).Select(static row => $"{row[0]} {row[1]} {row[2].Trim('`')}"));
        Unsafe.SizeOf<T>().ShouldBe(size);
    }

    private static List<string[]> Rows(string title) =>
    [
        .. s_lines.SkipWhile(line => line != title).Skip(1).TakeWhile(static line => !line.StartsWith('#'))
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..]),
    ];

    // The fields of a record struct are the compiler's; a property's name is between their angle brackets.
    private static string[] Fields<T>()
        where T : struct =>
    [
        .. typeof(T).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Select(static field => (Offset: (int)Marshal.OffsetOf<T>(field.Name), Size: SizeOf(field.FieldType), Name: field.Name.Split('<', '>')[1]))
            .OrderBy(static field => field.Offset)
            .Select(static field => string.Create(CultureInfo.InvariantCulture, $"{field.Offset} {field.Size} {field.Name}")),
    ];

    private static int SizeOf(Type type) => Marshal.SizeOf(type.IsEnum ? Enum.GetUnderlyingType(type) : type);

    private static string[] Values<T>()
        where T : struct, Enum =>
    [
        .. Enum.GetValues<T>().Where(static value => Convert.ToInt32(value, CultureInfo.InvariantCulture) != 0)
            .Select(static value => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt32(value, CultureInfo.InvariantCulture)} {value}")),
    ];
}
