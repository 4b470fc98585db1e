using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Platform;

/// <summary>
/// The first bytes of a shared object's segment, read top to bottom. docs/reference/ipc-format.md has the same table, and a test compares them.
/// </summary>
/// <remarks>The creator writes the header, <see cref="Magic"/> last, with release. Only <see cref="Joins"/> changes afterwards, and each process uses
/// its own checked copy.</remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct SharedHeader
{
    /// <summary>"SAMSHARE" in memory order.</summary>
    public const ulong MagicValue = 0x45_52_41_48_53_4D_41_53;

    /// <summary>Increased by any change of this struct, or of the data of a kind.</summary>
    public const uint VersionValue = 2;

    /// <summary>The number of bytes before the process slots.</summary>
    public const int HeaderSize = 512;

    /// <summary>The number of bytes for a text.</summary>
    public const int TextSize = 128;

    [FieldOffset(0)] public ulong Magic;
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public SharedKind Kind;
    [FieldOffset(16)] public long Length;
    [FieldOffset(24)] public long DataOffset;
    [FieldOffset(32)] public long Capacity;
    [FieldOffset(40)] public long Traits;
    [FieldOffset(48)] public int ElementSize;
    [FieldOffset(52)] public int ProcessSlots;
    [FieldOffset(56)] public ulong ElementIdentity;
    [FieldOffset(64)] public ulong CookieLow;
    [FieldOffset(72)] public ulong CookieHigh;

    /// <summary>The number of bytes of the file after <see cref="Length"/>, which no process maps.</summary>
    [FieldOffset(80)] public long Beyond;
    [FieldOffset(128)] public Text ElementName;

    /// <summary>The object's name; empty for an unnamed object.</summary>
    [FieldOffset(256)] public Text Name;

    /// <summary>Counts the processes that have joined; see <see cref="ProcessTable"/>.</summary>
    [FieldOffset(384)] public uint Joins;

    /// <summary>Reads from a file's header how much of the file is to be mapped. Nothing else of the header is checked yet.</summary>
    /// <exception cref="ChannelCorruptedException">The header has no valid length.</exception>
    public static unsafe long LengthToMap(SafeFileHandle file)
    {
        long length = 0, whole = RandomAccess.GetLength(file);
        int read = RandomAccess.Read(file, new Span<byte>(&length, sizeof(long)), (long)Marshal.OffsetOf<SharedHeader>(nameof(Length)));
        if (read != sizeof(long) || length < HeaderSize || length > whole)
            throw Bad("length", length, $"{HeaderSize} to {whole}");
        return length;
    }

    /// <summary>Creates the error for a header that no correct process has written.</summary>
    public static ChannelCorruptedException Bad(string field, long found, string expected) =>
        new($"The shared object's header has {field} {found}, expected {expected}.");

    /// <summary>UTF-8, terminated by a zero if it is shorter.</summary>
    [InlineArray(TextSize)]
    public struct Text
    {
        private byte _first;
    }
}
