using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Cli.Attaching;

/// <summary>A handle of a process (a pidfd), from which Linux 6.15 and later report how the process exited, even to a process that is not its parent
/// (https://man7.org/linux/man-pages/man2/pidfd_open.2.html).</summary>
internal sealed partial class ProcessHandle : IDisposable
{
    private const int PidfdOpen = 434; // the same on all architectures
    private const ulong ExitBit = 1 << 3; // PIDFD_INFO_EXIT

    private readonly SafeFileHandle _handle;

    private ProcessHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens the handle of a process; returns null if the system has none.</summary>
    public static ProcessHandle? Open(int pid)
    {
        nint handle = OpenPidfd(PidfdOpen, pid, 0);
        return handle < 0 ? null : new ProcessHandle(new SafeFileHandle(handle, ownsHandle: true));
    }

    /// <summary>Returns the status of the process, as waitpid returns it; null if it still runs, or if the system does not report it.</summary>
    public int? ReadExitStatus()
    {
        var info = new Info { Mask = ExitBit };
        uint request = (3U << 30) | ((uint)Marshal.SizeOf<Info>() << 16) | (0xff << 8) | 11; // PIDFD_GET_INFO
        return GetInfo(_handle, request, ref info) == 0 && (info.Mask & ExitBit) != 0 ? info.ExitStatus : null;
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint OpenPidfd(nint number, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int GetInfo(SafeFileHandle handle, nuint request, ref Info info);

    /// <summary>struct pidfd_info in its first version.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Info
    {
        [FieldOffset(0)] public ulong Mask;
        [FieldOffset(60)] public int ExitStatus;
    }
}
