using Samovar.Serialization.Types;

namespace Samovar.Ipc.Shared;

/// <summary>Checks which types can be stored in shared memory.</summary>
internal static class SharedElements
{
    /// <summary>Rejects types that are unmanaged in C# but meaningful only in one process.</summary>
    /// <exception cref="NotSupportedException">The type is or contains a pointer or a handle.</exception>
    public static void Check<T>()
        where T : unmanaged
    {
        if (!Blittable.Is(typeof(T)))
            throw new NotSupportedException($"{typeof(T)} is or contains a pointer or a native-sized integer, meaningless in another process. Use long.");
    }
}
