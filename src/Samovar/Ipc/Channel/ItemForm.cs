using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Serialization.Types;

namespace Samovar.Ipc.Channel;

/// <summary>How results of one type are written into an <see cref="ItemEntry"/>.</summary>
internal static class ItemForm<T>
{
    /// <summary>Whether they are copied as raw bytes.</summary>
    public static readonly bool IsBytes = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable.Is(typeof(T));

    /// <summary>Whether they are written as UTF-16.</summary>
    public static readonly bool IsText = typeof(T) == typeof(string);

    private static readonly BlittableCheck[] s_checks = IsBytes ? Blittable.ChecksOf<T>() : [];

    /// <summary>Whether the bytes are a valid value: not every combination of bits is valid for each type.</summary>
    public static bool IsValid(T value) => s_checks.Length == 0 || Blittable.AreValid(new ReadOnlySpan<T>(in value), s_checks);

    /// <summary>Returns the payload of a value that is written as raw bytes or as text.</summary>
    public static ReadOnlySpan<byte> BytesOf(ref T value) => IsText
        ? ItemEntry.PayloadOf(Unsafe.As<T, string?>(ref value))
        : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref value), Size);

    /// <summary>The size of a value that is copied as raw bytes. The single byte of an empty struct has no meaning.</summary>
    public static int Size => Unsafe.SizeOf<T>();
}
