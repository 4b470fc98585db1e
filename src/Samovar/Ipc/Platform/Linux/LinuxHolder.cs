using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Determines whether a process whose descriptor could not be opened can still have it.</summary>
/// <remarks>
/// The kernel shows the descriptors of a process that has released its memory to root only: while the process exits, which takes long if it has much
/// memory, and until it is reaped. Opening a descriptor is denied then, as it is for a living process of another user. <c>/proc/…/stat</c>, which all
/// users can read, distinguishes the two.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class LinuxHolder
{
    private const int NoSuchProcess = 3; // ESRCH, if the process exits between opening and reading the file
    private const int FlagsField = 6; // of the fields after the name in /proc/<pid>/stat
    private const int MemoryField = 20;
    private const uint Exiting = 4; // PF_EXITING

    /// <summary>Whether an error of opening another process's descriptor means that the process no longer has it.</summary>
    public static bool IsGone(int processId, IOException error) => LinuxMemory.IsGone(error) || (LinuxMemory.IsDenied(error) && IsGone(processId));

    /// <summary>Whether this text of <c>/proc/…/stat</c> is of a process that is exiting or has exited.</summary>
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
            return LinuxMemory.OwnerOf(process) != LinuxMemory.UserId // it does not exist, or its id belongs to another user's process by now
                || SaysGone(File.ReadAllText(process + "/stat"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchProcess })
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // unknown, because no descriptor is available or /proc is restricted; the caller's error states what was refused
        }
    }
}
