using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Processes.Recorder;

/// <summary>One task in a recording. docs/reference/ipc-format.md has the same table, and a test compares them.</summary>
/// <remarks>
/// One thread writes, the worker's main thread. Rules:
/// <list type="number">
/// <item>An entry is reused only while <see cref="Sequence"/> is 0. The other fields are complete, except for those of rules 2 and 3, before it is the
/// number of the task again.</item>
/// <item>The name of the function follows when the work has been deserialized: the bytes before <see cref="FunctionLength"/> rises from 0. A task
/// without it was being deserialized.</item>
/// <item>A task has completed when <see cref="Elapsed"/> is not negative; <see cref="State"/> is stored before.</item>
/// <item>A worker that dies leaves what it has written up to one point of its program, so that a reader of its recording sees no half-written entry. A
/// reader of a running worker's recording copies it three times, and takes the entries of the second copy whose <see cref="Sequence"/> is the same in
/// the first and the third.</item>
/// </list>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct RecordingEntry
{
    /// <summary>The size of an entry. What most tasks write is in its first cache line.</summary>
    public const int Size = 256;

    public const int FunctionSize = 112;

    public const int NameSize = 96;

    /// <summary>The value of <see cref="Elapsed"/> for a task that has not completed.</summary>
    public const long NotEnded = -1;

    [FieldOffset(0)] public long Sequence;
    [FieldOffset(8)] public long Id;
    [FieldOffset(16)] public long Started;
    [FieldOffset(24)] public long Elapsed;
    [FieldOffset(32)] public int Attempt;
    [FieldOffset(36)] public int State;
    [FieldOffset(40)] public int Items;
    [FieldOffset(44)] public ushort FunctionLength;
    [FieldOffset(46)] public ushort NameLength;
    [FieldOffset(48)] public FunctionText Function;
    [FieldOffset(160)] public NameText Name;

    /// <summary>UTF-8, truncated.</summary>
    [InlineArray(FunctionSize)]
    public struct FunctionText
    {
        private byte _first;
    }

    /// <summary>UTF-8, truncated.</summary>
    [InlineArray(NameSize)]
    public struct NameText
    {
        private byte _first;
    }
}
