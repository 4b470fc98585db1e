using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Inputs;

/// <summary>What the name of a file or folder leads to.</summary>
internal static partial class FileKinds
{
    private const char Undecodable = '\uFFFD';

    private const int HereAbouts = -100; // AT_FDCWD
    private const uint TypeAlone = 1; // STATX_TYPE
    private const int TypeMask = 0xF000;

    /// <summary>Why a file that was found cannot be an item, in words that follow its name; null where it can. What is not there, or may not
    /// be asked for, can: the method's own error says more.</summary>
    public static string? WhyNot(string path)
    {
        if (IsUndecodable(path)) return "has a name that is not UTF-8";
        if (!OperatingSystem.IsLinux() || StatX(HereAbouts, path, 0, TypeAlone, out Stat found) != 0) return null;
        return (found.Mode & TypeMask) switch
        {
            0x1000 => "is a pipe, and an item is a regular file",
            0x2000 or 0x6000 => "is a device, and an item is a regular file",
            0xC000 => "is a socket, and an item is a regular file",
            _ => null,
        };
    }

    /// <summary>Whether a name that was read from a folder has lost bytes, so that nothing can be opened by it.</summary>
    public static bool IsUndecodable(string path) => path.Contains(Undecodable) && !Path.Exists(path) && new FileInfo(path).LinkTarget is null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Stat found);

    // The same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Stat
    {
        [FieldOffset(28)] public ushort Mode;
    }
}
