using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Finds the memory of named objects on Linux through the descriptors of its holders: each is a memfd with the object's name.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxNamedMemory
{
    private const string AnyOfOurs = "/memfd:samovar";
    private const int NoSuchProcess = 3; // ESRCH, if the process exits while its descriptors are listed

    private static readonly EnumerationOptions s_all = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    public static string MemfdOf(string name) => $"samovar:{name}";

    /// <summary>Opens a descriptor of another process that is expected to be the named object.</summary>
    /// <returns>Null if the descriptor is closed, or is another object by now.</returns>
    /// <exception cref="IOException">The descriptor exists, as far as this process can determine, but cannot be opened: no descriptor or memory is
    /// available, or the system denies it.</exception>
    public static MemfdSegment? TryOpen(string name, SegmentAddress address)
    {
        MemfdSegment segment;
        try
        {
            segment = MemfdSegment.OpenShared(address);
        }
        catch (IOException e) when (e is ChannelCorruptedException || LinuxHolder.IsGone(address.OwnerId, e) || (LinuxMemory.IsDenied(e) && IsOther(address)))
        {
            return null; // its holder has closed it, is exiting or has exited, or has another file under that number
        }

        string? link = LinkOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{segment.AddressHere.Number}"));
        if (link == LinkTo(name) || link?.StartsWith(AnyOfOurs, StringComparison.Ordinal) != true) // a sandbox may show the link in its own way
            return segment;
        segment.Dispose();
        return null;
    }

    /// <summary>Searches the descriptors of all processes of this user. Costs one or two microseconds per descriptor.</summary>
    /// <returns>Null if no process holds such an object.</returns>
    /// <exception cref="IOException">No descriptor is available for the search.</exception>
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
            // The process has just exited, and holds nothing.
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
            return null; // it belongs to another user, or is inaccessible like everything that IgnoreInaccessible skips
        }
    }

    /// <summary>Whether a descriptor's link shows that it is not memory of Samovar.</summary>
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
            return null; // it was closed in the meantime, or its process has exited
        }
    }
}
