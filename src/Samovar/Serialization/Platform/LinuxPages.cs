using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Samovar.Serialization.Platform;

/// <summary>Transparent huge pages: one fault for 2 MiB in the place of 512.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxPages
{
    private const nuint LargePage = 2 << 20; // of x64, and of ARM64 with 4 KiB pages; elsewhere the range is merely cut short
    private const int HugePage = 14;

    /// <summary>Asks for large pages where memory has none yet. A hint: what the kernel makes of it changes nothing but time.</summary>
    /// <param name="first">The first byte, on the collected heap's large objects, which do not move while nobody compacts them. Should
    /// this one, the hint is for memory of the same heap.</param>
    /// <param name="length">In bytes.</param>
    public static void PreferLarge(ref byte first, long length)
    {
        nuint start = ((nuint)Unsafe.AsPointer(ref first) + LargePage - 1) & ~(LargePage - 1);
        nuint end = ((nuint)Unsafe.AsPointer(ref first) + (nuint)length) & ~(LargePage - 1);
        if (start < end) _ = madvise((void*)start, end - start, HugePage);
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
