using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Linux;

// The directory /dev/shm/samovar-<user id> belongs to one user and is readable by that user only. Processes of another PID namespace than the
// system's first have a directory of their own, samovar-<user id>-<namespace>, since they do not see each other. Each process that holds a named
// object has an empty file there, the entry
//
//     <name>~<process id>~<start of the process>~<descriptor>
//
// through which the object's memory is opened via /proc. The memory itself is freed with its last holder; its memfd is called samovar:<name>. An
// entry whose process has exited has no meaning.
//
// 1. Entries are created and read under the lock of the directory, and named memory is created under it too, so a process that has the lock sees only
//    holders. The kernel releases the lock of a process that dies.
// 2. The entry of a living process is removed only by that process, which needs no lock for that.
// 3. A process that looks for a name removes all entries whose processes have exited.
// 4. An empty directory is removed by the process that has locked it. A process that has locked a directory that was removed starts over.
// 5. A process that exits in an orderly way removes its remaining entries, so objects need not be disposed for that.
// 6. Entries are hints. A cleaner of /dev/shm, or systemd at the end of a session (RemoveIPC), may remove them while their holders live. Therefore a
//    process that finds no entry searches the descriptors of all processes of this user for the name of the memfd.

/// <summary>The names of shared objects on Linux.</summary>
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
    private static bool s_removesOwn; // s_gate: whether RemoveOwn is registered for the exit

    /// <summary>Creates an object, and registers this process as its first holder.</summary>
    /// <returns>The object; null if a living process holds an object of that name.</returns>
    public static MemfdSegment? TryMake(string name, Func<MemfdSegment> make) => WithLock(() =>
    {
        using MemfdSegment? other = OpenLocked(name);
        return other is null ? Entered(name, make()) : null;
    });

    /// <summary>Registers this process as a further holder.</summary>
    public static string Add(string name, SegmentAddress address) => WithLock(() => AddLocked(name, address));

    /// <summary>Opens the object of that name, and registers this process as a holder; returns null if there is no such object.</summary>
    public static MemfdSegment? Open(string name) => WithLock(() => OpenLocked(name) is { } segment ? Entered(name, segment) : null);

    /// <summary>Removes an entry of this process, and the directory if it is empty then.</summary>
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
                // A cleaner has removed the directory since it was locked: nothing was registered, so start over.
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
                continue; // not a file of Samovar
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
                    shut ??= (holder, e); // another holder's descriptor may be accessible; otherwise this is thrown
                    continue; // its holder lives, so the entry stays
                }
            }

            if (isGone || (isWanted && found is null)) FileSegment.TryDelete(path);
        }

        found ??= LinuxNamedMemory.Find(name);
        if (found is null && shut is { } known)
        {
            throw new SharedObjectException(
                $"Process {known.Holder.Id} holds the shared object '{name}', which this process cannot open: {known.Error.Message}", known.Error);
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
            return false; // no descriptor is available to check; the next search removes its entries
        }
    }

    /// <summary>Returns a text that differs between PID namespaces: empty in the system's first.</summary>
    public static string NamespaceMark()
    {
        ReadOnlySpan<char> link = new FileInfo("/proc/self/ns/pid").LinkTarget; // pid:[number]
        int start = link.IndexOf('[') + 1;
        return start == 0 || link[start..^1] is FirstNamespace ? "" : $"-{link[start..^1]}";
    }

    /// <summary>The directory, created and locked; entries may be created until it is disposed.</summary>
    private sealed class LockedDirectory : IDisposable
    {
        private readonly int _descriptor;

        public LockedDirectory()
        {
            while (true)
            {
                Create();
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
                        throw new IOException($"{s_directory} belongs to another user, so it cannot store names of shared objects. Have it removed, or use unnamed objects.");
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

        // /dev/shm is read-only or missing in some containers, and the temporary directory too.
        private static void Create()
        {
            try
            {
                Directory.CreateDirectory(s_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"A shared object with a name needs an entry in {s_directory}, which cannot be created: {e.Message} " +
                    "Make its parent directory writable, or use objects without a name, which a lambda captures.", e);
            }
        }

        /// <summary>Whether the directory still has its name.</summary>
        public bool IsThere => LinuxMemory.IsLinked(_descriptor);

        /// <summary>Removes an empty directory, unless another process has locked it, which removes it then.</summary>
        public static void RemoveIfUnused()
        {
            int descriptor;
            try
            {
                descriptor = LinuxMemory.OpenDirectory(s_directory);
            }
            catch (IOException)
            {
                return; // it does not exist, or no descriptor is available: its next user removes it
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
