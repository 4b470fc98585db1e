using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>The system calls of a Linux channel. 64-bit only, as .NET on Linux practically is.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxMemory
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;

    public const uint MemfdCloseOnExec = 1;
    public const uint MemfdAllowSealing = 2;

    // The size is fixed, and no other seals can be added: a peer that could shrink the file could kill its reader by SIGBUS.
    public const int SealSeal = 1;
    public const int SealShrink = 2;
    public const int SealGrow = 4;

    // New mappings cannot be written; existing ones can. Since Linux 5.1.
    public const int SealFutureWrite = 16;

    private const int AddSeals = 1033;
    private const int GetSeals = 1034;

    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;
    private const int MapPopulate = 0x8000;
    private const int SeekEnd = 2;
    private const int PunchHoleKeepSize = 3;

    private const int Eperm = 1;
    private const int Enoent = 2;
    private const int Esrch = 3;
    private const int Eintr = 4;
    private const int Enxio = 6;
    private const int Enomem = 12;
    private const int Eacces = 13;
    private const int Eisdir = 21;
    private const int Einval = 22;
    private const int Enfile = 23;
    private const int Emfile = 24;
    private const int Etxtbsy = 26;
    private const int Enospc = 28;
    private const int Erofs = 30;
    private const int Enosys = 38;

    private static readonly long s_futex = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 98,
        Architecture.S390x => 238,
        Architecture.Ppc64le => 221,
        Architecture other => throw new PlatformNotSupportedException(
            $"The number of the futex call on {other} is unknown. Set {ChannelPlatform.EnvironmentVariable}=portable."),
    };

    private static readonly long s_statx = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 332,
        Architecture.S390x => 379,
        Architecture.Ppc64le => 383,
        _ => 291,
    };

    public static int CreateMemfd(string name)
    {
        int descriptor = memfd_create(name, MemfdCloseOnExec | MemfdAllowSealing);
        return descriptor >= 0 ? descriptor : throw Failure("memfd_create");
    }

    public static int Open(string path, bool isWritable = true)
    {
        int descriptor = open(path, (isWritable ? OpenReadWrite : OpenReadOnly) | OpenNonBlocking | OpenCloseOnExec);
        return descriptor >= 0 ? descriptor : throw Failure($"open {path}");
    }

    /// <summary>Creates a file that only this user can read and write, for reading and writing.</summary>
    /// <exception cref="IOException">The system refused, also if the path exists.</exception>
    public static int CreateFile(string path)
    {
        const int createNew = 0x40 | 0x80; // O_CREAT | O_EXCL
        const int ownerOnly = 0x180; // 0600
        int descriptor = open(path, OpenReadWrite | createNew | OpenCloseOnExec, ownerOnly);
        return descriptor >= 0 ? descriptor : throw Failure($"creating {path}");
    }

    /// <summary>Extends a file to a length, and reserves memory or disk space for all of it: writing to a mapping of it cannot fail then.</summary>
    /// <exception cref="IOException">There is no space.</exception>
    public static void Reserve(int descriptor, long length)
    {
        int error = posix_fallocate(descriptor, 0, length);
        if (error == 0) return;
        Marshal.SetLastPInvokeError(error);
        throw Failure($"reserving {length} bytes");
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    public static void SetLength(int descriptor, long length)
    {
        if (ftruncate(descriptor, length) != 0) throw Failure($"ftruncate to {length} bytes");
    }

    public static long Length(int descriptor) => lseek(descriptor, 0, SeekEnd);

    /// <summary>Seals the file's length and, for readers, also against further writers.</summary>
    /// <returns>Whether new mappings are read-only; false on an old kernel.</returns>
    public static bool Seal(int descriptor, bool forReaders)
    {
        const int length = SealSeal | SealShrink | SealGrow;
        if (forReaders)
        {
            if (fcntl(descriptor, AddSeals, length | SealFutureWrite) >= 0) return true;
            if (Marshal.GetLastPInvokeError() != Einval) throw Failure("fcntl F_ADD_SEALS");
        }

        return fcntl(descriptor, AddSeals, length) >= 0 ? false : throw Failure("fcntl F_ADD_SEALS");
    }

    /// <summary>The effective user id of this process.</summary>
    public static uint UserId { get; } = geteuid();

    /// <summary>Gets the user that owns a file.</summary>
    public static uint OwnerOf(int descriptor) => Stat(descriptor).User;

    /// <summary>Gets the user that owns a path, such as a process by its directory in /proc; null if it does not exist.</summary>
    /// <exception cref="IOException">The operating system refused.</exception>
    public static uint? OwnerOf(string path)
    {
        const long fromCurrentFolder = -100; // AT_FDCWD
        const uint user = 8;
        StatX found;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (StatCall(s_statx, fromCurrentFolder, name, 0, user, &found) == 0) return found.User;
        }

        if (Marshal.GetLastPInvokeError() is Enoent or Esrch) return null;
        throw Failure($"statx of {path}");
    }

    /// <summary>Whether a file or directory still has a name.</summary>
    public static bool IsLinked(int descriptor) => Stat(descriptor).Links > 0;

    /// <summary>Whether an error means that this process, or the system, has no descriptor left.</summary>
    public static bool IsOutOfDescriptors(IOException error) =>
        error.InnerException is Win32Exception { NativeErrorCode: Emfile or Enfile };

    /// <summary>Whether an error of opening another process's memory file means that the process no longer holds it (<see cref="LinuxHolder"/> checks
    /// further): the process was reaped, or its descriptor is closed, or refers to a socket, a directory or a read-only file by now.</summary>
    public static bool IsGone(IOException error) => error.InnerException is Win32Exception { NativeErrorCode: Enoent or Esrch or Enxio or Eisdir or Etxtbsy or Erofs };

    /// <summary>Whether an error means that this process may not open the file.</summary>
    public static bool IsDenied(IOException error) => error.InnerException is Win32Exception { NativeErrorCode: Eperm or Eacces };

    /// <summary>Waits until no other process holds the lock of this file. The kernel releases the locks of dead processes.</summary>
    public static void LockFile(int descriptor)
    {
        const int exclusive = 2;
        while (flock(descriptor, exclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Eintr) throw Failure("flock");
        }
    }

    /// <summary>Acquires the lock of this file, unless another process holds it.</summary>
    public static bool TryLockFile(int descriptor)
    {
        const int exclusiveNow = 2 | 4;
        return flock(descriptor, exclusiveNow) == 0;
    }

    /// <summary>Removes a directory if it is empty.</summary>
    public static void RemoveIfEmpty(string directory) => _ = rmdir(directory);

    /// <summary>Opens a directory in order to lock it.</summary>
    public static int OpenDirectory(string path)
    {
        int descriptor = open(path, OpenCloseOnExec | OpenNonBlocking); // read-only
        return descriptor >= 0 ? descriptor : throw Failure($"open {path}");
    }

    /// <summary>Whether the file's length can no longer change; false for anything that is not a memfd.</summary>
    public static bool IsSealed(int descriptor) =>
        fcntl(descriptor, GetSeals, 0) is int seals and >= 0 && (seals & (SealShrink | SealGrow)) == (SealShrink | SealGrow);

    /// <summary>Maps the file; for a reader with all its pages at once, since it reads each of them.</summary>
    public static byte* Map(int descriptor, long length, bool isWritable = true)
    {
        int flags = isWritable ? MapShared : MapShared | MapPopulate;
        void* start = mmap(null, (nuint)length, isWritable ? ProtectReadWrite : ProtectRead, flags, descriptor, 0);
        return (nint)start != -1 ? (byte*)start : throw Failure($"mmap of {length} bytes");
    }

    public static void Unmap(byte* start, long length) => _ = munmap(start, (nuint)length);

    /// <summary>Frees the pages, while descriptors and mappings remain, in this process and in the peer.</summary>
    public static void FreePages(int descriptor, long length) => _ = fallocate(descriptor, PunchHoleKeepSize, 0, length);

    /// <summary>Frees the pages of a part of a file; pages that are only partly inside are zeroed there.</summary>
    public static void FreePages(SafeFileHandle file, long offset, long length) => _ = fallocate(file, PunchHoleKeepSize, offset, length);

    /// <summary>Gets the bytes of memory or disk that a file uses.</summary>
    public static long BytesInUse(int descriptor) => (long)Stat(descriptor).Blocks * 512;

    public static void FutexWait(uint* word, uint expected, TimeSpec* timeout) => _ = FutexWaitCall(s_futex, word, 0, expected, timeout, null, 0);

    public static void FutexWake(uint* word) => _ = FutexWake(word, 1);

    /// <summary>Wakes up to <paramref name="count"/> sleepers, and returns their number.</summary>
    public static long FutexWake(uint* word, int count) => FutexWakeCall(s_futex, word, 1, (nuint)count, null, null, 0);

    /// <summary>Creates an error that states what the failed call means here and what to do.</summary>
    public static IOException Failure(string call)
    {
        int errno = Marshal.GetLastPInvokeError();
        const string useOther = $" Set {ChannelPlatform.EnvironmentVariable}=portable to avoid this call.";
        string remedy = errno switch
        {
            Emfile => " This process has no descriptors left. Raise its limit (ulimit -n), or use fewer workers.",
            Enfile => " The system has no descriptors left. Raise its limit (fs.file-max).",
            Enomem or Enospc => " Memory or a control group's limit is exhausted. Use fewer workers, or smaller messages.",
            Eperm or Eacces => " The other process's descriptors cannot be opened: it is not dumpable, or /proc is restricted." + useOther,
            Enosys => " The kernel or its sandbox does not offer this call." + useOther,
            _ => "",
        };
        return new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).{remedy}", new Win32Exception(errno));
    }

    private static StatX Stat(int descriptor)
    {
        const long emptyPath = 0x1000;
        const uint linksUserAndBlocks = 4 | 8 | 0x400;
        byte none = 0;
        StatX found;
        return StatCall(s_statx, descriptor, &none, emptyPath, linksUserAndBlocks, &found) == 0 ? found : throw Failure("statx");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int posix_fallocate(int descriptor, long offset, long length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc")]
    private static partial long lseek(int descriptor, long offset, int from);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc")]
    private static partial int fallocate(int descriptor, int mode, long offset, long length);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long StatCall(long number, long descriptor, byte* path, long flags, ulong mask, StatX* found);

    // Sleeping has to allow garbage collections; a wake-up takes a microsecond and does not have to.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long FutexWaitCall(long number, uint* word, long operation, nuint value, TimeSpec* timeout, uint* second, nuint third);

    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial long FutexWakeCall(long number, uint* word, long operation, nuint value, TimeSpec* timeout, uint* second, nuint third);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint User;
        [FieldOffset(48)] public ulong Blocks;
    }

    [StructLayout(LayoutKind.Sequential)]
    public readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;

        public TimeSpec(TimeSpec start, TimeSpan after)
        {
            long nanoseconds = start.Nanoseconds + (after.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
            Seconds = start.Seconds + (after.Ticks / TimeSpan.TicksPerSecond) + (nanoseconds / 1_000_000_000);
            Nanoseconds = nanoseconds % 1_000_000_000;
        }

        public TimeSpec(TimeSpan time)
        {
            Seconds = time.Ticks / TimeSpan.TicksPerSecond;
            Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        }
    }
}
