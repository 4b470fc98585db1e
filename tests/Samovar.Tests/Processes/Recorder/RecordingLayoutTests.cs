using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Processes.Recorder;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Processes.Recorder;

public sealed class RecordingLayoutTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md"));

    [ThreadFact]
    public void The_structs_are_the_tables_of_the_documentation()
    {
        Fields<RecordingHeader>().ShouldBe(Rows("## Recording header"));
        Fields<RecordingEntry>().ShouldBe(Rows("## Recording entry"));
        Unsafe.SizeOf<RecordingHeader>().ShouldBe(RecordingHeader.HeaderSize);
        Unsafe.SizeOf<RecordingEntry>().ShouldBe(RecordingEntry.Size);
        RecordingHeader.FileLength.ShouldBe(16_896);
    }

    private static string[] Rows(string title) =>
    [
        .. s_lines.SkipWhile(line => line != title).Skip(1).TakeWhile(static line => !line.StartsWith('#'))
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..]).Select(static row => $"{row[0]} {row[1]} {row[2].Trim('`')}"),
    ];

    private static string[] Fields<T>()
        where T : struct =>
    [
        .. typeof(T).GetFields().Where(static field => !field.IsLiteral)
            .Select(static field => (Offset: (int)Marshal.OffsetOf<T>(field.Name), Size: SizeOf(field.FieldType), field.Name)).OrderBy(static field => field.Offset)
            .Select(static field => string.Create(CultureInfo.InvariantCulture, $"{field.Offset} {field.Size} {field.Name}")),
    ];

    private static int SizeOf(Type type) =>
        type == typeof(RecordingHeader.Text) ? RecordingHeader.TextSize
        : type == typeof(RecordingEntry.FunctionText) ? RecordingEntry.FunctionSize
        : type == typeof(RecordingEntry.NameText) ? RecordingEntry.NameSize
        : Marshal.SizeOf(type);
}
