using System.Runtime.InteropServices;

namespace Samovar.Ipc.Channel;

/// <summary>
/// The first bytes of a channel's segment, read top to bottom. docs/reference/ipc-format.md has the same table, and a test compares them.
/// </summary>
/// <remarks>
/// Words written by two cores are 128 bytes apart: processors fetch cache lines in pairs, so 64 bytes would still couple them. The parent writes
/// everything up to <see cref="JournalOffset"/> before it starts the worker, <see cref="Magic"/> last. None of it changes afterwards, and the parent
/// itself uses only its own copies.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct ChannelHeader
{
    /// <summary>"SAMOVAR" and a zero, in memory order.</summary>
    public const ulong MagicValue = 0x00_52_41_56_4F_4D_41_53;

    /// <summary>Increased by any change of this struct, of records or of slots.</summary>
    public const uint VersionValue = 4;

    /// <summary>The number of bytes before the slots.</summary>
    public const int HeaderSize = 1024;

    /// <summary>One slot for each cache line: the parent sends into one slot while the worker starts another.</summary>
    public const int SlotStride = 64;

    [FieldOffset(0)] public ulong Magic;
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public uint SlotCount;
    [FieldOffset(16)] public long SegmentLength;
    [FieldOffset(24)] public long SlotsOffset;
    [FieldOffset(32)] public long WorkOffset;
    [FieldOffset(40)] public long ResultsOffset;
    [FieldOffset(48)] public int WorkCapacity;
    [FieldOffset(52)] public int ResultsCapacity;
    [FieldOffset(56)] public int ParentId;

    [FieldOffset(64)] public ulong CookieLow;
    [FieldOffset(72)] public ulong CookieHigh;
    [FieldOffset(80)] public long JournalOffset;

    /// <summary>The worker's progress in starting, see WorkerStartStep. Written by the worker.</summary>
    [FieldOffset(128)] public int StartStep;

    /// <summary>The worker's position in the work ring.</summary>
    [FieldOffset(256)] public long WorkHead;

    /// <summary>The parent's position in the result ring.</summary>
    [FieldOffset(384)] public long ResultsHead;

    /// <summary>1 while the worker sleeps. Rung by the parent.</summary>
    [FieldOffset(512)] public uint WorkerBell;

    /// <summary>How many large messages of the result ring the parent has opened.</summary>
    [FieldOffset(640)] public long LargeOpened;

    /// <summary>1 while the worker's main thread waits for work, with results sent for all items that it has started. Written by the
    /// worker.</summary>
    [FieldOffset(768)] public uint WorkerIdle;
}
