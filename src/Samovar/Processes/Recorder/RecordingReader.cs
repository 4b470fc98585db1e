using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;

namespace Samovar.Processes.Recorder;

/// <summary>What a recording holds.</summary>
/// <param name="Parent">The program that has the executor.</param>
/// <param name="Program">The name of the program.</param>
/// <param name="Executor">The name of the executor.</param>
/// <param name="WorkerId">The process id of the worker.</param>
/// <param name="WorkerNumber">The number of the worker within the executor.</param>
/// <param name="Opened">When the worker created the recording.</param>
/// <param name="Tasks">The tasks, the newest first.</param>
internal sealed record RecordingContents(
    ProcessIdentity Parent, string Program, string Executor, int WorkerId, int WorkerNumber, DateTimeOffset Opened, IReadOnlyList<WorkerTaskRecord> Tasks);

/// <summary>Reads recordings. Whatever a file holds, reading returns contents or throws <see cref="InvalidDataException"/>.</summary>
internal static class RecordingReader
{
    private const long HighestFrequency = 1_000_000_000_000;

    /// <summary>Whether a file belongs to another user, as far as the system reports it. False if the file does not exist, because it may have been
    /// renamed: the attempt to read it shows that.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static bool IsForeign(string path) =>
        new FileInfo(path).LinkTarget is not null || (OperatingSystem.IsLinux() && LinuxMemory.OwnerOf(path) is { } owner && owner != LinuxMemory.UserId);

    /// <summary>Whether a file is as the program created it, because its worker has not begun to record.</summary>
    public static bool IsEmpty(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> magic = stackalloc byte[sizeof(ulong)];
            return RandomAccess.GetLength(handle) == RecordingHeader.FileLength && RandomAccess.Read(handle, magic, 0) == magic.Length && !magic.ContainsAnyExcept((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // what Read has reported is what counts
        }
    }

    /// <summary>Reads a file, even while its worker writes it: see the rules of <see cref="RecordingEntry"/>.</summary>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    /// <exception cref="InvalidDataException">The file is no recording, is damaged, or is of another version.</exception>
    public static RecordingContents Read(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length != RecordingHeader.FileLength) throw BadLength(file.Length); // also a pipe or a device, which must not be opened
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] before = Copy(), contents = Copy(), after = Copy();
        for (int i = 0; i < RecordingHeader.EntryCount; i++)
        {
            // SYNC: task recorded. An entry whose number is the same before and after has not changed in between.
            if (EntryAt(before, i).Sequence != EntryAt(after, i).Sequence) EntryAt(contents, i).Sequence = 0;
        }

        return Parse(contents);

        byte[] Copy()
        {
            byte[] copy = new byte[RecordingHeader.FileLength];
            int length = 0, more;
            while (length < copy.Length && (more = RandomAccess.Read(handle, copy.AsSpan(length), length)) > 0) length += more;
            return length == copy.Length ? copy : throw BadLength(length);
        }
    }

    /// <summary>Reads the bytes of a recording.</summary>
    /// <exception cref="InvalidDataException">They are no recording, are damaged, or are of another version.</exception>
    public static RecordingContents Parse(byte[] contents)
    {
        if (contents.Length != RecordingHeader.FileLength) throw BadLength(contents.Length);
        var header = MemoryMarshal.Read<RecordingHeader>(contents);
        if (header.Magic != RecordingHeader.MagicValue) throw new InvalidDataException("it is not a recording of tasks, or its worker died while it created it");
        if (header.Version != RecordingHeader.VersionValue)
            throw Bad("version", header.Version, $"{RecordingHeader.VersionValue}; read it with the samovar of the program that wrote it");
        if (header.Entries != RecordingHeader.EntryCount) throw Bad("entries", header.Entries, $"{RecordingHeader.EntryCount}");
        if (header.Length != RecordingHeader.FileLength) throw Bad("length", header.Length, $"{RecordingHeader.FileLength}");
        if (header.Frequency is < 1 or > HighestFrequency) throw Bad("clock frequency", header.Frequency, "1 to 10^12");
        if (header.UtcTicks < 0 || header.UtcTicks > DateTime.MaxValue.Ticks) throw Bad("time", header.UtcTicks, "a date");
        CheckLength("program name", header.ProgramLength, RecordingHeader.TextSize);
        CheckLength("executor name", header.ExecutorLength, RecordingHeader.TextSize);

        var entries = new List<(long Sequence, WorkerTaskRecord Task)>();
        for (int i = 0; i < RecordingHeader.EntryCount; i++)
        {
            ref readonly var entry = ref EntryAt(contents, i);
            if (entry.Sequence != 0) entries.Add((entry.Sequence, TaskOf(entry, i, header)));
        }

        entries.Sort(static (a, b) => b.Sequence.CompareTo(a.Sequence));
        return new RecordingContents(
            new ProcessIdentity(header.ParentId, header.ParentStart), Text(((ReadOnlySpan<byte>)header.Program)[..header.ProgramLength]),
            Text(((ReadOnlySpan<byte>)header.Executor)[..header.ExecutorLength]), header.WorkerId, header.WorkerNumber,
            new DateTimeOffset(header.UtcTicks, TimeSpan.Zero), entries.ConvertAll(static entry => entry.Task));
    }

    private static WorkerTaskRecord TaskOf(in RecordingEntry entry, int index, in RecordingHeader header)
    {
        if (entry.Sequence < 0 || (entry.Sequence - 1) % RecordingHeader.EntryCount != index) throw BadEntry(index, "sequence", entry.Sequence);
        if (entry.Items < 0) throw BadEntry(index, "items", entry.Items);
        CheckLength($"function in entry {index}", entry.FunctionLength, RecordingEntry.FunctionSize);
        CheckLength($"task name in entry {index}", entry.NameLength, RecordingEntry.NameSize);
        bool hasEnded = entry.Elapsed >= 0 && entry.State != (int)FutureState.Running;
        if (hasEnded && (FutureState)entry.State is not (FutureState.Succeeded or FutureState.Failed or FutureState.Canceled)) throw BadEntry(index, "state", entry.State);
        return new WorkerTaskRecord
        {
            TaskId = entry.Id,
            Attempt = entry.Attempt,
            Items = entry.Items,
            TaskName = entry.NameLength == 0 ? null : Text(((ReadOnlySpan<byte>)entry.Name)[..entry.NameLength]),
            Function = entry.FunctionLength == 0 ? null : Text(((ReadOnlySpan<byte>)entry.Function)[..entry.FunctionLength]),
            StartedAt = TimeOf(entry.Started, header),
            Duration = hasEnded ? SpanOf(entry.Elapsed, header.Frequency) : null,
            State = hasEnded ? (FutureState)entry.State : FutureState.Running,
        };
    }

    private static DateTimeOffset TimeOf(long timestamp, in RecordingHeader header)
    {
        Int128 ticks = header.UtcTicks + (((Int128)timestamp - header.Timestamp) * TimeSpan.TicksPerSecond / header.Frequency);
        return new DateTimeOffset((long)Int128.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
    }

    private static TimeSpan SpanOf(long elapsed, long frequency) =>
        new((long)Int128.Min((Int128)elapsed * TimeSpan.TicksPerSecond / frequency, TimeSpan.MaxValue.Ticks));

    private static ref RecordingEntry EntryAt(byte[] contents, int index) =>
        ref Unsafe.As<byte, RecordingEntry>(ref contents[RecordingHeader.HeaderSize + (index * RecordingEntry.Size)]);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static void CheckLength(string what, int length, int most)
    {
        if (length < 0 || length > most) throw Bad($"{what} of", length, $"0 to {most} bytes");
    }

    private static InvalidDataException BadEntry(int index, string field, long found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"it is damaged: entry {index} has {field} {found}"));

    private static InvalidDataException Bad(string field, long found, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"it has {field} {found}, expected {expected}"));

    private static InvalidDataException BadLength(long length) =>
        new(string.Create(CultureInfo.InvariantCulture, $"it has {length:N0} bytes; a recording of tasks has {RecordingHeader.FileLength:N0}"));
}
