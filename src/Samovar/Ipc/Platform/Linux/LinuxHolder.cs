using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Whether a process whose descriptor could not be opened can still have it.</summary>
/// <remarks>
/// The kernel shows the descriptors of a process that has given up its memory to root alone: on its way to its end, which takes long where there is much memory, and until
/// it is reaped. Opening one is denied then, as it is for a living process of another user. <c>/proc/…/stat</c>, which all may read, distinguishes the two.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class LinuxHolder
{
    private const int NoSuchProcess = 3; // ESRCH, where it ends between being opened and being read
    private const int FlagsField = 6; // of those behind the name in /proc/<pid>/stat
    private const int MemoryField = 20;
    private const uint Exiting = 4; // PF_EXITING

    /// <summary>Whether an error of opening a descriptor of a process says that the process does not have it any more.</summary>
    public static bool IsGone(int processId, IOException error) => LinuxMemory.IsGone(error) || (LinuxMemory.IsDenied(error) && IsGone(processId));

    /// <summary>Whether this text of <c>/proc/…/stat</c> is of a process that ends or has ended.</summary>
    public static bool SaysGone(ReadOnlySpan<char> stat)
    {
        stat = stat[(stat.LastIndexOf(')') + 2)..];
        Span<Range> fields = stackalloc Range[MemoryField + 2];
        stat.Split(fields, ' ');
        return stat[0] is 'Z' or 'X' or 'x'
            || (uint.Parse(stat[fields[FlagsField]], CultureInfo.InvariantCulture) & Exiting) != 0
            || stat[fields[MemoryField]] is "0";
    }

    private static bool IsGone(int processId)
    {
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        try
        {
            return LinuxMemory.OwnerOf(process) != LinuxMemory.UserId // there is none, or another user's has its id by now
                || SaysGone(File.ReadAllText(process + "/stat"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchProcess })
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // no descriptor is left to look with, or /proc is restricted: it is not known, and the error of the opening says what was refused
        }
    }
}
