using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Samovar.Serialization.Platform;

/// <summary>Requests transparent huge pages: one page fault for 2 MiB instead of 512.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxPages
{
    private const nuint LargePage = 2 << 20; // on x64, and on ARM64 with 4 KiB pages; elsewhere the range is only shortened
    private const int HugePage = 14;

    /// <summary>Requests huge pages for memory that has no pages yet. This is a hint: it affects only the time of page faults.</summary>
    /// <param name="first">The first byte. It is in the large object heap, which is moved only by a compacting collection; if that happens
    /// during the call, the hint applies to other memory of the same heap.</param>
    /// <param name="length">The length of the range, in bytes.</param>
    public static void PreferLarge(ref byte first, long length)
    {
        nuint start = ((nuint)Unsafe.AsPointer(ref first) + LargePage - 1) & ~(LargePage - 1);
        nuint end = ((nuint)Unsafe.AsPointer(ref first) + (nuint)length) & ~(LargePage - 1);
        if (start < end) _ = madvise((void*)start, end - start, HugePage);
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
