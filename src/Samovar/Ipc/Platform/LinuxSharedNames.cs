using System.Globalization;
using System.Runtime.Versioning;

namespace Samovar.Ipc;

// The directory samovar-<user id>, in /dev/shm, belongs to one user and is readable by that user alone. Each process that holds a
// named object has an empty file there,
//
//     <name>~<process id>~<start of the process>~<descriptor>
//
// by which the object's memory is opened through /proc. The memory itself has no name: it goes with its last holder. An entry
// whose process is gone means nothing, and is removed by whoever meets it.
//
// 1. Entries are made and looked at under the lock of the directory. The kernel takes it from a process that dies.
// 2. Only the holder removes the entry of a living holder, and needs no lock for it.
// 3. Who removes the last entry removes the directory. Who has locked a directory that is no longer there begins anew.
// 4. A process that ends in order removes what entries it still has: objects need not be disposed for that.

/// <summary>Names of shared objects on Linux.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxSharedNames
{
    private const char Separator = '~';

    private static readonly string s_directory = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"samovar-{LinuxMemory.UserId}"));

    private static readonly Lock s_gate = new();
    private static readonly HashSet<string> s_own = []; // s_gate: entries of this process
    private static bool s_removesOwn; // s_gate: the orderly end does

    /// <summary>Enters this process as the first holder.</summary>
    /// <returns>The entry's file; null where a living process holds an object of that name.</returns>
    public static string? TryTake(string name, SegmentAddress address)
    {
        using var names = new LockedDirectory();
        using MemfdSegment? other = OpenUnderLock(name);
        return other is null ? AddUnderLock(name, address) : null;
    }

    /// <summary>Enters this process as a further holder.</summary>
    public static string Add(string name, SegmentAddress address)
    {
        using var names = new LockedDirectory();
        return AddUnderLock(name, address);
    }

    /// <summary>Opens the object of that name, and enters this process as a holder; null where there is none.</summary>
    public static MemfdSegment? Open(string name)
    {
        using var names = new LockedDirectory();
        MemfdSegment? segment = OpenUnderLock(name);
        try
        {
            if (segment is not null)
                segment.Entry = AddUnderLock(name, segment.AddressHere);
            return segment;
        }
        catch
        {
            segment?.Dispose();
            throw;
        }
    }

    /// <summary>Removes an entry of this process, and the directory with the last of all.</summary>
    public static void Remove(string entry)
    {
        lock (s_gate) s_own.Remove(entry);
        FileSegment.TryDelete(entry);
        try
        {
            Directory.Delete(s_directory);
        }
        catch (IOException)
        {
            // There are others, or one is being made at this moment.
        }
    }

    private static string AddUnderLock(string name, SegmentAddress address)
    {
        string entry = Path.Combine(s_directory, string.Create(CultureInfo.InvariantCulture,
            $"{name}{Separator}{address.OwnerId}{Separator}{ProcessIdentity.Own.Start}{Separator}{address.Number}"));
        using (new FileStream(entry, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            Remember(entry);
            return entry;
        }
    }

    private static void Remember(string entry)
    {
        bool isFirst;
        lock (s_gate)
        {
            isFirst = !s_removesOwn;
            s_removesOwn = true;
            s_own.Add(entry);
        }

        if (isFirst) OrderlyEnd.Do(RemoveOwn);
    }

    private static void RemoveOwn()
    {
        string[] entries;
        lock (s_gate) entries = [.. s_own];
        foreach (string entry in entries)
            Remove(entry);
    }

    private static MemfdSegment? OpenUnderLock(string name)
    {
        foreach (string entry in Directory.EnumerateFiles(s_directory, $"{name}{Separator}*"))
        {
            string[] parts = Path.GetFileName(entry).Split(Separator);
            if (parts.Length != 4 || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out int id)
                || !uint.TryParse(parts[2], CultureInfo.InvariantCulture, out uint start)
                || !int.TryParse(parts[3], CultureInfo.InvariantCulture, out int descriptor))
            {
                continue; // no file of ours
            }

            if (TryOpen(new ProcessIdentity(id, start), descriptor) is { } segment)
                return segment;
            FileSegment.TryDelete(entry);
        }

        return null;
    }

    private static MemfdSegment? TryOpen(ProcessIdentity holder, int descriptor)
    {
        if (!holder.IsAlive)
            return null;
        try
        {
            return MemfdSegment.OpenShared(new SegmentAddress(holder.Id, descriptor));
        }
        catch (IOException e) when (!LinuxMemory.IsOutOfDescriptors(e))
        {
            return null; // it has closed it and not yet removed its entry, or has just died
        }
    }

    /// <summary>The directory, there and locked; entries may be made until it is disposed.</summary>
    private sealed class LockedDirectory : IDisposable
    {
        private readonly int _descriptor;

        public LockedDirectory()
        {
            while (true)
            {
                Directory.CreateDirectory(s_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                try
                {
                    _descriptor = LinuxMemory.OpenDirectory(s_directory);
                }
                catch (IOException) when (!Directory.Exists(s_directory))
                {
                    continue; // its last entry was removed just now
                }

                try
                {
                    if (LinuxMemory.OwnerOf(_descriptor) != LinuxMemory.UserId)
                        throw new IOException($"{s_directory} belongs to another user; names of shared objects cannot be kept there.");
                    LinuxMemory.LockFile(_descriptor);
                    if (LinuxMemory.IsLinked(_descriptor))
                        return;
                    LinuxMemory.Close(_descriptor);
                }
                catch
                {
                    LinuxMemory.Close(_descriptor);
                    throw;
                }
            }
        }

        public void Dispose() => LinuxMemory.Close(_descriptor);
    }
}
