using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>The memory of named objects on Linux, as the descriptors of its holders show it: each is a memfd that is called by the object's
/// name.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxNamedMemory
{
    private const string AnyOfOurs = "/memfd:samovar";
    private const int NoSuchProcess = 3; // ESRCH, where it ends while its descriptors are listed

    private static readonly EnumerationOptions s_all = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    public static string MemfdOf(string name) => $"samovar:{name}";

    /// <summary>Opens what a descriptor of another process is said to be.</summary>
    /// <returns>Null where it is closed, or another object by now.</returns>
    /// <exception cref="IOException">It is there, as far as this process can tell, and cannot be opened: no descriptor or memory is left, or the system forbids it.</exception>
    public static MemfdSegment? TryOpen(string name, SegmentAddress address)
    {
        MemfdSegment segment;
        try
        {
            segment = MemfdSegment.OpenShared(address);
        }
        catch (IOException e) when (e is ChannelCorruptedException || LinuxHolder.IsGone(address.OwnerId, e) || (LinuxMemory.IsDenied(e) && IsOther(address)))
        {
            return null; // its holder has closed it, or is dying or dead, or has another file under that number
        }

        string? link = LinkOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{segment.AddressHere.Number}"));
        if (link == LinkTo(name) || link?.StartsWith(AnyOfOurs, StringComparison.Ordinal) != true) // a sandbox may show it in a way of its own
            return segment;
        segment.Dispose();
        return null;
    }

    /// <summary>Looks among the descriptors of all processes of this user. Costs a microsecond or two for each descriptor.</summary>
    /// <returns>Null where no process holds such an object.</returns>
    /// <exception cref="IOException">No descriptor is left to look with.</exception>
    public static MemfdSegment? Find(string name)
    {
        string link = LinkTo(name);
        foreach (string process in Directory.EnumerateDirectories("/proc", "*", s_all))
        {
            if (int.TryParse(Path.GetFileName(process.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && FindIn(process, id, name, link) is { } segment)
            {
                return segment;
            }
        }

        return null;
    }

    private static MemfdSegment? FindIn(string process, int id, string name, string link)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd"), "*", s_all))
            {
                if (LinkOf(descriptor) == link
                    && TryOpenPermitted(name, new SegmentAddress(id, int.Parse(Path.GetFileName(descriptor.AsSpan()), CultureInfo.InvariantCulture))) is { } segment)
                {
                    return segment;
                }
            }
        }
        catch (Exception e) when (e is DirectoryNotFoundException or IOException { HResult: NoSuchProcess })
        {
            // It has just ended, and holds nothing.
        }

        return null;
    }

    private static MemfdSegment? TryOpenPermitted(string name, SegmentAddress address)
    {
        try
        {
            return TryOpen(name, address);
        }
        catch (IOException e) when (LinuxMemory.IsDenied(e))
        {
            return null; // another user's, whose names are its own, or shut off from this process as all that IgnoreInaccessible skips
        }
    }

    /// <summary>Whether a descriptor shows that it is no memory of ours.</summary>
    private static bool IsOther(SegmentAddress address) =>
        LinkOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{address.OwnerId}/fd/{address.Number}")) is { } link
        && !link.Contains(AnyOfOurs, StringComparison.Ordinal);

    private static string LinkTo(string name) => $"/memfd:{MemfdOf(name)} (deleted)";

    private static string? LinkOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // closed meanwhile, or its process has ended
        }
    }
}
