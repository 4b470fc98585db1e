using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Processes.Recorder;

/// <summary>
/// The first bytes of a recording, read top to bottom. docs/reference/ipc-format.md has the same table, and a test compares them.
/// </summary>
/// <remarks>The worker writes the header before its first task, <see cref="Magic"/> last, with release. Nothing in it changes afterwards. Readers trust
/// none of it: see <see cref="RecordingReader"/>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct RecordingHeader
{
    /// <summary>"SAMTASKS" in memory order.</summary>
    public const ulong MagicValue = 0x53_4B_53_41_54_4D_41_53;

    /// <summary>Increased by any change of this struct or of the entries.</summary>
    public const uint VersionValue = 1;

    /// <summary>The number of bytes before the entries.</summary>
    public const int HeaderSize = 512;

    /// <summary>How many tasks are kept: a power of two.</summary>
    public const int EntryCount = 64;

    /// <summary>The number of bytes for a text.</summary>
    public const int TextSize = 128;

    /// <summary>The length of a recording in bytes.</summary>
    public const int FileLength = HeaderSize + (EntryCount * RecordingEntry.Size);

    [FieldOffset(0)] public ulong Magic;
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public int Entries;
    [FieldOffset(16)] public long Length;
    [FieldOffset(24)] public int ParentId;
    [FieldOffset(28)] public uint ParentStart;
    [FieldOffset(32)] public int WorkerId;
    [FieldOffset(36)] public int WorkerNumber;
    [FieldOffset(40)] public long Frequency;
    [FieldOffset(48)] public long Timestamp;
    [FieldOffset(56)] public long UtcTicks;
    [FieldOffset(64)] public int ExecutorLength;
    [FieldOffset(68)] public int ProgramLength;
    [FieldOffset(128)] public Text Executor;
    [FieldOffset(256)] public Text Program;

    /// <summary>UTF-8; another field has the number of bytes that are used.</summary>
    [InlineArray(TextSize)]
    public struct Text
    {
        private byte _first;
    }
}
