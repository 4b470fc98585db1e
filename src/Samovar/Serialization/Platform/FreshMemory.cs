using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Serialization.Platform;

/// <summary>Allocates arrays that the caller overwrites completely.</summary>
internal static class FreshMemory
{
    /// <summary>The size from which an array certainly spans whole huge pages, and faulting its small pages takes longer than copying it.</summary>
    private const int LeastBytes = 8 << 20;

    /// <summary>Allocates an array with undefined content.</summary>
    public static T[] AllocateArray<T>(int length)
    {
        var array = GC.AllocateUninitializedArray<T>(length);
        long bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes >= LeastBytes && OperatingSystem.IsLinux()) LinuxPages.PreferLarge(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array)), bytes);
        return array;
    }
}
