using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>Allows files that use less space than their length. Needed on Windows only.</summary>
internal static unsafe partial class SparseFiles
{
    private const uint SetSparse = 0x900C4;

    public static void Allow(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows()) AllowOnWindows(file);
    }

    // https://learn.microsoft.com/windows/win32/api/winioctl/ni-winioctl-fsctl_set_sparse
    [SupportedOSPlatform("windows")]
    private static void AllowOnWindows(SafeFileHandle file)
    {
        uint returned;
        if (!DeviceIoControl(file, SetSparse, null, 0, null, 0, &returned, null))
            throw new IOException($"The file system does not support sparse files: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [SupportedOSPlatform("windows")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeviceIoControl(
        SafeFileHandle file, uint code, void* input, uint inputLength, void* output, uint outputLength, uint* returned, void* overlapped);
}
