using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Protocol;

/// <summary>The fixed parts of records. They always decode; what follows them may not, and then fails only its own task.</summary>
/// <remarks>What <see cref="MemoryMarshal"/> does for a type of this library is compiled in each worker; what is written here is
/// precompiled with the library.</remarks>
internal static class RecordHeaders
{
    /// <summary>Reads a header; false where the record is too short for one.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> record, out T header, out ReadOnlySpan<byte> rest)
        where T : unmanaged
    {
        if (record.Length < Unsafe.SizeOf<T>())
        {
            header = default;
            rest = default;
            return false;
        }

        header = Unsafe.ReadUnaligned<T>(ref MemoryMarshal.GetReference(record));
        rest = record[Unsafe.SizeOf<T>()..];
        return true;
    }

    /// <summary>The bytes of a header, for as long as it is where it is.</summary>
    public static ReadOnlySpan<byte> BytesOf<T>(in T header)
        where T : unmanaged => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in header)), Unsafe.SizeOf<T>());

    /// <summary>UTF-16 as it lies in a record.</summary>
    public static ReadOnlySpan<char> TextOf(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, char>(ref MemoryMarshal.GetReference(bytes)), bytes.Length / sizeof(char));
}

/// <summary>What a worker is told about a task.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct TaskHeader
{
    public const int Size = 48;

    public ulong Generation { get; init; }

    /// <summary>The task's number within its executor.</summary>
    public long Id { get; init; }

    public int Slot { get; init; }

    public int Attempt { get; init; }

    /// <summary>How many definitions the delegate needs.</summary>
    public int DefinitionsNeeded { get; init; }

    /// <summary>UTF-16 units of the name, which follows the header.</summary>
    public int NameLength { get; init; }

    public DelegateKind Kind { get; init; }

    public TaskFlags Flags { get; init; }

    /// <summary>UTF-16 units of the <see cref="TaskTrace"/>, which follows the name.</summary>
    public ushort TraceLength { get; init; }

    /// <summary>Bytes of the <see cref="CulturePair"/> that the work runs under, which follows the trace; 0 for the worker's own.</summary>
    public int CulturesLength { get; init; }

    /// <summary>The number of the work that it shares with others; 0 for none. See <see cref="WorkHeader"/>.</summary>
    public int Work { get; init; }

    public ItemTicket Ticket => new(Slot, Generation);

    /// <summary>Whether what follows the header can be what it says.</summary>
    public bool FitsInto(int length) => NameLength >= 0 && CulturesLength >= 0
        && (((long)NameLength + TraceLength) * sizeof(char)) + CulturesLength <= length;
}

/// <summary>Work that many tasks share; the delegate, or a <see cref="SegmentRecord"/>, follows.</summary>
/// <param name="Number">The work's number within the executor, from 1.</param>
/// <param name="Flags">What is special about it.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct WorkHeader(int Number, WorkFlags Flags)
{
    public const int Size = 8;
}

/// <summary>What is special about shared work.</summary>
[Flags]
internal enum WorkFlags
{
    None = 0,

    /// <summary>It lies in a segment of its own.</summary>
    IsElsewhere = 1,

    /// <summary>Tasks may refer to each object in it; otherwise to the delegate alone.</summary>
    IsReferredTo = 2,
}

/// <summary>What is special about a task.</summary>
[Flags]
internal enum TaskFlags : byte
{
    None = 0,

    /// <summary>The work returns a value.</summary>
    BringsResult = 1,

    /// <summary>The executor wants to know when it begins.</summary>
    TellsStart = 2,

    /// <summary>The delegate holds live values.</summary>
    IsLive = 4,

    /// <summary>It is a <see cref="RecordTag.WarmUp"/>.</summary>
    IsWarmUp = 8,

    /// <summary>The body lies in a segment of its own, and a <see cref="SegmentRecord"/> in its place.</summary>
    IsElsewhere = 16,

    /// <summary>A caller that waits without sleeping is about to send the next task: the worker is not to sleep at once.</summary>
    SpinBeforeSleep = 32,

    /// <summary>What the work writes is kept: it must be in the pipe before the result is in the ring.</summary>
    IsCaptured = 64,

    /// <summary>What the work writes is kept, and cannot be taken from the pipe in time: the worker sends it before the result.</summary>
    SendsOutput = 128,
}

/// <summary>Where a large body lies.</summary>
/// <param name="Number">The segment's number in the executor's process, see <see cref="SegmentAddress"/>.</param>
/// <param name="Length">Bytes of the body, from the segment's start.</param>
/// <param name="SegmentLength">Bytes of the segment.</param>
/// <param name="Use">What the worker does with it.</param>
/// <param name="IsAwaited">1: the executor wants to know when it has been read (<see cref="RecordTag.BodyRead"/>); else 0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct SegmentRecord(long Number, long Length, long SegmentLength, SegmentUse Use, int IsAwaited)
{
    public const int Size = 32;

    /// <exception cref="ChannelCorruptedException">It is none that a sound executor writes.</exception>
    public static SegmentRecord Read(ReadOnlySpan<byte> bytes) =>
        RecordHeaders.TryRead(bytes, out SegmentRecord record, out _) && record.Length is > 0 and <= int.MaxValue && record.Length <= record.SegmentLength
            ? record
            : throw new ChannelCorruptedException($"Work is said to lie elsewhere, and not where: {bytes.Length} bytes.");
}

/// <summary>What became of a task.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct ResultHeader
{
    public const int Size = 32;

    public ulong Generation { get; init; }

    /// <summary>How long the work ran, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Elapsed { get; init; }

    public int Slot { get; init; }

    /// <summary>How many definitions the body needs.</summary>
    public int DefinitionsNeeded { get; init; }

    public ResultFlags Flags { get; init; }

    /// <summary>How many shared objects the body holds; their handles stand behind it.</summary>
    public int SharedObjects { get; init; }

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>How to read a result.</summary>
[Flags]
internal enum ResultFlags
{
    None = 0,

    /// <summary>The body is the exception the work ended with; otherwise the result, if the work brings one.</summary>
    IsError = 1,

    /// <summary>The worker uses more memory than it was allowed.</summary>
    IsOverMemory = 2,
}

/// <summary>Names a task to the other side.</summary>
/// <param name="Generation">See <see cref="ItemTicket"/>.</param>
/// <param name="Slot">See <see cref="ItemTicket"/>.</param>
/// <param name="Reason">For <see cref="RecordTag.Stop"/>: why it is to stop.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct TicketRecord(ulong Generation, int Slot, StopReason Reason)
{
    public const int Size = 16;

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>How far a task has come; its message follows as UTF-16.</summary>
/// <param name="Generation">See <see cref="ItemTicket"/>.</param>
/// <param name="Fraction">NaN for none.</param>
/// <param name="Slot">See <see cref="ItemTicket"/>.</param>
/// <param name="HasMessage">0 or 1: an empty message is one.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct ProgressHeader(ulong Generation, double Fraction, int Slot, int HasMessage)
{
    public const int Size = 24;

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>A message through a port; its body follows.</summary>
/// <param name="Port">The port's number within the executor.</param>
/// <param name="DefinitionsNeeded">How many definitions the body needs.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct LiveHeader(long Port, int DefinitionsNeeded)
{
    public const int Size = 16;
}

/// <summary>What a worker is told about itself; the executor's name, the cultures and the initializer follow.</summary>
/// <param name="MemoryLimit">Bytes of its working set; 0 for no limit.</param>
/// <param name="Number">The worker's number within its executor.</param>
/// <param name="NameLength">UTF-16 units of the executor's name.</param>
/// <param name="CulturesLength">Bytes of the <see cref="CultureDefaults"/>; 0 for those the worker has anyway.</param>
/// <param name="DefinitionsNeeded">How many definitions the cultures and the initializer need.</param>
/// <param name="HasInitializer">0 or 1.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct WorkerSetup(long MemoryLimit, int Number, int NameLength, int CulturesLength, int DefinitionsNeeded, int HasInitializer)
{
    public const int Size = 32;
}
