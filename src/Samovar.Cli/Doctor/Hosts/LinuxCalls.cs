using System.Runtime.InteropServices;

namespace Samovar.Cli.Doctor.Hosts;

/// <summary>The system calls of <see cref="LinuxHost"/>. Each returns the result of libc; the error is in errno.</summary>
internal static partial class LinuxCalls
{
    public const uint MFD_CLOEXEC = 1;
    public const int FUTEX_WAIT = 0;
    public const int FUTEX_WAKE = 1;
    public const int RLIMIT_NPROC = 6;
    public const int RLIMIT_NOFILE = 7;
    public const int EINTR = 4;
    public const int EAGAIN = 11;

    private const nint PidfdOpenNumber = 434; // the same on every architecture

    // From the kernel's system call tables; null for an architecture that is not listed here.
    private static readonly nint? s_futexNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 or Architecture.LoongArch64 or Architecture.RiscV64 => 98,
        _ => null,
    };

    public static bool KnowsFutex => s_futexNumber is not null;

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Rlimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static unsafe partial int SchedGetAffinity(int pid, nint size, byte* mask);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetRlimit(int resource, out Rlimit limit);

    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GetProcessGroup(int pid);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    public static unsafe nint Futex(int* word, int operation, int value, Timespec* timeout) =>
        SystemCall(s_futexNumber ?? throw new PlatformNotSupportedException(), (nint)word, operation, value, (nint)timeout, 0, 0);

    public static nint PidfdOpen(int pid) => SystemCall(PidfdOpenNumber, pid, 0, 0, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
