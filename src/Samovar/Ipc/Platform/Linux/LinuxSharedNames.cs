using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Linux;

// The directory samovar-<user id>, in /dev/shm, belongs to one user and is readable by that user alone; processes of another PID namespace than
// the system's first have one of their own, samovar-<user id>-<namespace>, since they do not see each other. Each process that holds a named
// object has an empty file there,
//
//     <name>~<process id>~<start of the process>~<descriptor>
//
// by which the object's memory is opened through /proc. The memory itself goes with its last holder; its memfd is called samovar:<name>. An
// entry whose process is gone means nothing.
//
// 1. Entries are made and looked at under the lock of the directory, and so is named memory made: a process that has the lock sees only holders. The
//    kernel takes the lock from a process that dies.
// 2. Only the holder removes the entry of a living holder, and needs no lock for it.
// 3. Who looks for a name removes all entries whose processes are gone.
// 4. An empty directory is removed, by who has locked it. Who has locked a directory that is no longer there begins anew.
// 5. A process that ends in order removes what entries it still has: objects need not be disposed for that.
// 6. Entries are hints. A cleaner of /dev/shm, or systemd at the end of a session (RemoveIPC), may remove them while their holders live. So who
//    finds no entry looks among the descriptors of all processes of this user, by the name of the memfd.

/// <summary>Names of shared objects on Linux.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxSharedNames
{
    private const char Separator = '~';

    private const string FirstNamespace = "4026531836"; // PROC_PID_INIT_INO

    private static readonly string s_directory = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
        string.Create(CultureInfo.InvariantCulture, $"samovar-{LinuxMemory.UserId}{NamespaceMark()}"));

    private static readonly Lock s_gate = new();
    private static readonly HashSet<string> s_own = []; // s_gate: entries of this process
    private static bool s_removesOwn; // s_gate: the orderly end does

    /// <summary>Makes an object, and enters this process as its first holder.</summary>
    /// <returns>It; null where a living process holds an object of that name.</returns>
    public static MemfdSegment? TryMake(string name, Func<MemfdSegment> make) => WithLock(() =>
    {
        using MemfdSegment? other = OpenLocked(name);
        return other is null ? Entered(name, make()) : null;
    });

    /// <summary>Enters this process as a further holder.</summary>
    public static string Add(string name, SegmentAddress address) => WithLock(() => AddLocked(name, address));

    /// <summary>Opens the object of that name, and enters this process as a holder; null where there is none.</summary>
    public static MemfdSegment? Open(string name) => WithLock(() => OpenLocked(name) is { } segment ? Entered(name, segment) : null);

    /// <summary>Removes an entry of this process, and the directory with the last of all.</summary>
    public static void Remove(string entry)
    {
        using (s_gate.HoldRegardless()) s_own.Remove(entry);
        FileSegment.TryDelete(entry);
        LockedDirectory.RemoveIfUnused();
    }

    private static T WithLock<T>(Func<T> work)
    {
        while (true)
        {
            using var names = new LockedDirectory();
            try
            {
                return work();
            }
            catch (DirectoryNotFoundException) when (!names.IsThere)
            {
                // A cleaner has removed it since it was locked: nothing was entered, and all is done anew.
            }
        }
    }

    private static MemfdSegment Entered(string name, MemfdSegment segment)
    {
        try
        {
            segment.Entry = AddLocked(name, segment.AddressHere);
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    private static string AddLocked(string name, SegmentAddress address)
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
        foreach (string entry in entries) Remove(entry);
    }

    private static MemfdSegment? OpenLocked(string name)
    {
        MemfdSegment? found = null;
        (ProcessIdentity Holder, IOException Error)? shut = null;
        var gone = new Dictionary<ProcessIdentity, bool>();
        foreach (string path in Directory.EnumerateFiles(s_directory))
        {
            if (!TryParse(Path.GetFileName(path), out ReadOnlySpan<char> itsName, out ProcessIdentity holder, out int descriptor))
                continue; // no file of ours
            if (!gone.TryGetValue(holder, out bool isGone)) gone.Add(holder, isGone = IsGone(holder));
            bool isWanted = found is null && itsName.SequenceEqual(name);
            if (isWanted && !isGone)
            {
                try
                {
                    found = LinuxNamedMemory.TryOpen(name, new SegmentAddress(holder.Id, descriptor));
                }
                catch (IOException e) when (!LinuxMemory.IsOutOfDescriptors(e))
                {
                    shut ??= (holder, e); // another holder's may be open; where none is, this is thrown
                    continue; // its holder lives: the entry stays
                }
            }

            if (isGone || (isWanted && found is null)) FileSegment.TryDelete(path);
        }

        found ??= LinuxNamedMemory.Find(name);
        if (found is null && shut is { } known)
        {
            throw new SharedObjectException(
                $"Process {known.Holder.Id} holds a shared object of the name '{name}', which this process cannot open: {known.Error.Message}", known.Error);
        }

        return found;
    }

    private static bool TryParse(ReadOnlySpan<char> entry, out ReadOnlySpan<char> name, out ProcessIdentity holder, out int descriptor)
    {
        Span<Range> parts = stackalloc Range[5];
        name = default;
        holder = default;
        descriptor = 0;
        if (entry.Split(parts, Separator) != 4 || !int.TryParse(entry[parts[1]], CultureInfo.InvariantCulture, out int id)
            || !uint.TryParse(entry[parts[2]], CultureInfo.InvariantCulture, out uint start)
            || !int.TryParse(entry[parts[3]], CultureInfo.InvariantCulture, out descriptor))
        {
            return false;
        }

        name = entry[parts[0]];
        holder = new ProcessIdentity(id, start);
        return true;
    }

    private static bool IsGone(ProcessIdentity holder)
    {
        try
        {
            return !holder.IsAlive;
        }
        catch (IOException)
        {
            return false; // no descriptor is left to look with; the next look removes its entries
        }
    }

    private static string NamespaceMark()
    {
        ReadOnlySpan<char> link = new FileInfo("/proc/self/ns/pid").LinkTarget; // pid:[number]
        int start = link.IndexOf('[') + 1;
        return start == 0 || link[start..^1] is FirstNamespace ? "" : $"-{link[start..^1]}";
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
                    if (LinuxMemory.IsLinked(_descriptor)) return;
                    LinuxMemory.Close(_descriptor);
                }
                catch
                {
                    LinuxMemory.Close(_descriptor);
                    throw;
                }
            }
        }

        /// <summary>Whether it has its name still.</summary>
        public bool IsThere => LinuxMemory.IsLinked(_descriptor);

        /// <summary>Removes an empty directory, unless another process has locked it, which then removes it.</summary>
        public static void RemoveIfUnused()
        {
            int descriptor;
            try
            {
                descriptor = LinuxMemory.OpenDirectory(s_directory);
            }
            catch (IOException)
            {
                return; // it is gone, or no descriptor is left: its next user removes it
            }

            if (LinuxMemory.TryLockFile(descriptor) && LinuxMemory.IsLinked(descriptor)) LinuxMemory.RemoveIfEmpty(s_directory);
            LinuxMemory.Close(descriptor);
        }

        public void Dispose()
        {
            if (IsThere) LinuxMemory.RemoveIfEmpty(s_directory);
            LinuxMemory.Close(_descriptor);
        }
    }
}
