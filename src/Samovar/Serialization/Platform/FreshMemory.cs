using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Serialization.Platform;

/// <summary>Arrays that are about to be filled from end to end.</summary>
internal static class FreshMemory
{
    /// <summary>From here on an array surely has whole large pages in it, and faulting its small ones takes longer than copying it.</summary>
    private const int LeastBytes = 8 << 20;

    /// <summary>An array whose content is undefined.</summary>
    public static T[] AllocateArray<T>(int length)
    {
        var array = GC.AllocateUninitializedArray<T>(length);
        long bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes >= LeastBytes && OperatingSystem.IsLinux()) LinuxPages.PreferLarge(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array)), bytes);
        return array;
    }
}
