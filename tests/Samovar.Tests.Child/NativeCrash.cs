using System.Runtime.InteropServices;

namespace Samovar.Tests.Child;

/// <summary>Ways for native code to end its process.</summary>
internal static partial class NativeCrash
{
    [LibraryImport("libc")]
    public static partial void abort();

    [LibraryImport("libc")]
    public static partial nuint strlen(nint text);
}
