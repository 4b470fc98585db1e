using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Protocol;

/// <summary>The fixed parts of records. They can always be read; the data that follows may be invalid, which then fails only its own
/// task.</summary>
/// <remarks>Generic methods of <see cref="MemoryMarshal"/> for types of this library are compiled in each worker; the methods here are precompiled
/// with the library.</remarks>
internal static class RecordHeaders
{
    /// <summary>Reads a header. Returns false if the record is too short.</summary>
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

    /// <summary>Returns the bytes of a header; they are valid while the header is not moved.</summary>
    public static ReadOnlySpan<byte> BytesOf<T>(in T header)
        where T : unmanaged => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in header)), Unsafe.SizeOf<T>());

    /// <summary>Returns the UTF-16 text in a record.</summary>
    public static ReadOnlySpan<char> TextOf(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, char>(ref MemoryMarshal.GetReference(bytes)), bytes.Length / sizeof(char));
}

/// <summary>The header of a task's record.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct TaskHeader
{
    public const int Size = 48;

    public ulong Generation { get; init; }

    /// <summary>The number of the task within its executor.</summary>
    public long Id { get; init; }

    public int Slot { get; init; }

    public int Attempt { get; init; }

    /// <summary>The number of definitions that the delegate needs.</summary>
    public int DefinitionsNeeded { get; init; }

    /// <summary>The length in UTF-16 units of the name, which follows the header.</summary>
    public int NameLength { get; init; }

    public DelegateKind Kind { get; init; }

    public TaskFlags Flags { get; init; }

    /// <summary>The length in UTF-16 units of the <see cref="TaskTrace"/>, which follows the name.</summary>
    public ushort TraceLength { get; init; }

    /// <summary>The length in bytes of the <see cref="CulturePair"/> under which the work runs, which follows the trace; 0 for the worker's
    /// own.</summary>
    public int CulturesLength { get; init; }

    /// <summary>The number of the work that the task shares with others; 0 if it shares none. See <see cref="WorkHeader"/>.</summary>
    public int Work { get; init; }

    /// <summary>The length in UTF-16 units of the <see cref="SentResources"/>, which follow the cultures; 0 for none.</summary>
    public int ResourcesLength { get; init; }

    public ItemTicket Ticket => new(Slot, Generation);

    /// <summary>Whether the lengths in the header are possible in a record with this many bytes after the header.</summary>
    public bool FitsInto(int length) => NameLength >= 0 && CulturesLength >= 0 && ResourcesLength >= 0
        && (((long)NameLength + TraceLength + ResourcesLength) * sizeof(char)) + CulturesLength <= length;
}

/// <summary>The header of work that many tasks share; the delegate, or a <see cref="SegmentRecord"/>, follows.</summary>
/// <param name="Number">The number of the work within the executor, from 1.</param>
/// <param name="Flags">The properties of the work.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct WorkHeader(int Number, WorkFlags Flags)
{
    public const int Size = 8;
}

/// <summary>The properties of shared work.</summary>
[Flags]
internal enum WorkFlags
{
    None = 0,

    /// <summary>The work is in its own segment.</summary>
    IsElsewhere = 1,

    /// <summary>Tasks may refer to each object in the work; otherwise, only to the delegate.</summary>
    IsReferredTo = 2,
}

/// <summary>The properties of a task.</summary>
[Flags]
internal enum TaskFlags : byte
{
    None = 0,

    /// <summary>The work returns a value.</summary>
    BringsResult = 1,

    /// <summary>The executor must be notified when the task starts.</summary>
    TellsStart = 2,

    /// <summary>The delegate holds live values.</summary>
    IsLive = 4,

    /// <summary>The task is a <see cref="RecordTag.WarmUp"/>.</summary>
    IsWarmUp = 8,

    /// <summary>The body is in its own segment, and a <see cref="SegmentRecord"/> is in its place.</summary>
    IsElsewhere = 16,

    /// <summary>A caller that spins for the result is about to send the next task: the worker must spin before it sleeps.</summary>
    SpinBeforeSleep = 32,

    /// <summary>The output of the work is captured: it must be in the pipe before the result is in the ring.</summary>
    IsCaptured = 64,

    /// <summary>The output of the work is captured and cannot be read from the pipe in time: the worker sends it before the result.</summary>
    SendsOutput = 128,
}

/// <summary>The location of a large body.</summary>
/// <param name="Number">The number of the segment in the executor's process, see <see cref="SegmentAddress"/>.</param>
/// <param name="Length">The length of the body in bytes, from the start of the segment.</param>
/// <param name="SegmentLength">The length of the segment in bytes.</param>
/// <param name="Use">How the worker uses the segment.</param>
/// <param name="IsAwaited">1 if the executor must be notified when the body has been read (<see cref="RecordTag.BodyRead"/>); otherwise, 0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct SegmentRecord(long Number, long Length, long SegmentLength, SegmentUse Use, int IsAwaited)
{
    public const int Size = 32;

    /// <exception cref="ChannelCorruptedException">The record is not valid.</exception>
    public static SegmentRecord Read(ReadOnlySpan<byte> bytes) =>
        RecordHeaders.TryRead(bytes, out SegmentRecord record, out _) && record.Length is > 0 and <= int.MaxValue && record.Length <= record.SegmentLength
            ? record
            : throw new ChannelCorruptedException($"The location of work in a segment is not valid: a record of {bytes.Length} bytes.");
}

/// <summary>The header of a task's result.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct ResultHeader
{
    public const int Size = 32;

    public ulong Generation { get; init; }

    /// <summary>How long the work ran, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Elapsed { get; init; }

    public int Slot { get; init; }

    /// <summary>The number of definitions that the body needs.</summary>
    public int DefinitionsNeeded { get; init; }

    public ResultFlags Flags { get; init; }

    /// <summary>The number of shared objects in the body; their handles follow the body.</summary>
    public int SharedObjects { get; init; }

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>Specifies how to read a result.</summary>
[Flags]
internal enum ResultFlags
{
    None = 0,

    /// <summary>The body is the exception that the work threw; otherwise, it is the result, if the work returns one.</summary>
    IsError = 1,

    /// <summary>The worker uses more memory than its limit.</summary>
    IsOverMemory = 2,
}

/// <summary>Identifies a task to the other side.</summary>
/// <param name="Generation">See <see cref="ItemTicket"/>.</param>
/// <param name="Slot">See <see cref="ItemTicket"/>.</param>
/// <param name="Reason">For <see cref="RecordTag.Stop"/>: why the task must stop.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct TicketRecord(ulong Generation, int Slot, StopReason Reason)
{
    public const int Size = 16;

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>The header of a task's progress; the message follows as UTF-16.</summary>
/// <param name="Generation">See <see cref="ItemTicket"/>.</param>
/// <param name="Fraction">The completed fraction; NaN for no fraction.</param>
/// <param name="Slot">See <see cref="ItemTicket"/>.</param>
/// <param name="HasMessage">1 if there is a message, even an empty one; otherwise, 0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct ProgressHeader(ulong Generation, double Fraction, int Slot, int HasMessage)
{
    public const int Size = 24;

    public ItemTicket Ticket => new(Slot, Generation);
}

/// <summary>The header of a message through a port; the body follows.</summary>
/// <param name="Port">The number of the port within the executor.</param>
/// <param name="DefinitionsNeeded">The number of definitions that the body needs.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct LiveHeader(long Port, int DefinitionsNeeded)
{
    public const int Size = 16;
}

/// <summary>The header of a worker's setup; the executor's name, the invitation to record tasks, the cultures, the exit hook and the initializer
/// follow.</summary>
/// <param name="MemoryLimit">The limit of the worker's own memory in bytes; 0 for no limit.</param>
/// <param name="Number">The number of the worker within its executor.</param>
/// <param name="NameLength">The length in UTF-16 units of the executor's name.</param>
/// <param name="CulturesLength">The length in bytes of the <see cref="CultureDefaults"/>; 0 if the worker has them already.</param>
/// <param name="DefinitionsNeeded">The number of definitions that the cultures, the exit hook and the initializer need.</param>
/// <param name="HasInitializer">0 or 1.</param>
/// <param name="RecordingLength">The length in UTF-16 units of the invitation to record tasks; 0 to record none.</param>
/// <param name="ExitHookLength">The length in bytes of the exit hook; 0 for none.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct WorkerSetup(
    long MemoryLimit, int Number, int NameLength, int CulturesLength, int DefinitionsNeeded, int HasInitializer, int RecordingLength, int ExitHookLength)
{
    public const int Size = 40;
}
