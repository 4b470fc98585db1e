using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Determines whether a path leads to a regular file.</summary>
internal static partial class FileKinds
{
    private const char Undecodable = '\uFFFD';

    private const int HereAbouts = -100; // AT_FDCWD
    private const uint TypeAlone = 1; // STATX_TYPE
    private const int TypeMask = 0xF000;

    /// <summary>Returns why a file cannot be an item, as a phrase to follow its name; null if it can. A file that does not exist or cannot be
    /// examined is accepted, because the method's own error says more.</summary>
    public static string? WhyNot(string path)
    {
        if (IsUndecodable(path)) return "has a name that is not UTF-8";
        if (!OperatingSystem.IsLinux() || StatX(HereAbouts, path, 0, TypeAlone, out Stat found) != 0) return null;
        return (found.Mode & TypeMask) switch
        {
            0x1000 => "is a pipe, not a regular file",
            0x2000 or 0x6000 => "is a device, not a regular file",
            0xC000 => "is a socket, not a regular file",
            _ => null,
        };
    }

    /// <summary>Returns whether decoding a name from a directory lost bytes, so that the file cannot be opened by it.</summary>
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
