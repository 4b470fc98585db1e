using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Samovar.Processes.Platform;

/// <summary>The system calls for processes on 64-bit Linux.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxProcessCalls
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigStop = 19;

    public const int Eintr = 4;
    public const int Eagain = 11;

    public const short PollIn = 1;
    public const short PollHangUp = 16;

    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;
    public const int ReadOnly = 0;

    public const int SetStatusFlags = 4;
    public const int SetOwner = 8;
    public const int SetSignal = 10;
    public const int Async = 0x2000;

    public const int DeathSignal = 1;

    public const int ByPidfd = 3;
    public const int Exited = 4;

    public const int SpawnSetGroup = 2;
    public const int SpawnSetSignalDefault = 4;
    public const int SpawnSetSignalMask = 8;

    private const long PidfdOpenNumber = 434; // the same on all architectures

    private static readonly long s_waitid = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 247,
        Architecture.S390x => 281,
        Architecture.Ppc64le => 272,
        _ => 95, // the generic table: arm64, riscv64, loongarch64
    };

    // The C library's stdout variable. Only this stream is flushed, because flushing all streams blocks while another thread reads one.
    private static readonly nint s_nativeOutput =
        NativeLibrary.TryLoad("libc", typeof(LinuxProcessCalls).Assembly, null, out nint library) && NativeLibrary.TryGetExport(library, "stdout", out nint stdout)
        || NativeLibrary.TryLoad("libc.so.6", out library) && NativeLibrary.TryGetExport(library, "stdout", out stdout) ? stdout : 0;

    public static int OpenPidfd(int processId) => (int)syscall(PidfdOpenNumber, processId, 0, 0, 0, 0);

    /// <summary>Reaps the child. Returns 0, or -1 with errno set.</summary>
    public static int Wait(int pidfd, SignalInfo* info, long* usage) =>
        (int)syscall(s_waitid, ByPidfd, pidfd, (nint)info, Exited, (nint)usage);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int processId, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int processId, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int signal, nint handler);

    [LibraryImport("libc")]
    public static partial int getppid();

    [LibraryImport("libc")]
    public static partial int getpgrp();

    /// <summary>Returns the session of a process of any user; -1 if the process does not exist.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsid(int processId);

    /// <summary>Reads, and sets, a limit of a process of the same user. Either pointer may be null.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int prlimit(int processId, int resource, ResourceLimit* set, ResourceLimit* old);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int descriptor, nuint request);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpgid(int processId, int group);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint argument, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc")]
    public static partial int close(int descriptor);

    /// <summary>Flushes what native code of this process has written with printf; the C library buffers it if stdout is a pipe.</summary>
    public static void FlushNativeOutput()
    {
        if (s_nativeOutput != 0) _ = fflush(*(nint*)s_nativeOutput);
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, int processId, int value);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpriority(int which, int processId);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getaffinity(int processId, nuint size, byte* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int processId, nuint size, byte* mask);

    // The posix_spawn family returns its error instead of setting errno.
    [LibraryImport("libc")]
    public static partial int posix_spawn(int* processId, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addopen(void* actions, int to, byte* path, int flags, int mode);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setpgroup(void* attributes, int group);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* set);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* set);

    [LibraryImport("libc")]
    private static partial int fflush(nint stream);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint first, nint second, nint third, nint fourth, nint fifth);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    /// <summary>struct rlimit on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Current;
        public ulong Most;
    }

    /// <summary>siginfo_t as waitid fills it on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInfo
    {
        [FieldOffset(8)] public int Code;
        [FieldOffset(16)] public int ProcessId;
        [FieldOffset(24)] public int Status;
    }
}
