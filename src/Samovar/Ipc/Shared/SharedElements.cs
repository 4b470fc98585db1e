using Samovar.Serialization.Types;

namespace Samovar.Ipc.Shared;

/// <summary>What may lie in shared memory.</summary>
internal static class SharedElements
{
    /// <summary>Refuses types that C# takes for unmanaged and that mean something in one process only.</summary>
    /// <exception cref="NotSupportedException">It is, or holds, a pointer or a handle.</exception>
    public static void Check<T>()
        where T : unmanaged
    {
        if (!Blittable.Is(typeof(T)))
            throw new NotSupportedException($"{typeof(T)} is or holds a pointer or a native-sized integer, which mean nothing in another process. Use long.");
    }
}
