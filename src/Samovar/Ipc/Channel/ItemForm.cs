using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Serialization.Types;

namespace Samovar.Ipc.Channel;

/// <summary>How results of one type are written into an <see cref="ItemEntry"/>.</summary>
internal static class ItemForm<T>
{
    /// <summary>As the bytes they are.</summary>
    public static readonly bool IsBytes = Blittable.Is(typeof(T));

    /// <summary>As UTF-16.</summary>
    public static readonly bool IsText = typeof(T) == typeof(string);

    private static readonly BlittableCheck[] s_checks = IsBytes ? Blittable.ChecksOf<T>() : [];

    /// <summary>Whether such bytes are a value: not every combination of bits is one of each type.</summary>
    public static bool IsValid(T value) => s_checks.Length == 0 || Blittable.AreValid(new ReadOnlySpan<T>(in value), s_checks);

    /// <summary>The payload of a value that travels as its bytes, or as text.</summary>
    public static ReadOnlySpan<byte> BytesOf(ref T value) => IsText
        ? ItemEntry.PayloadOf(Unsafe.As<T, string?>(ref value))
        : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref value), Size);

    /// <summary>Bytes of a value that travels as its bytes; an empty struct has none that count.</summary>
    public static int Size => Unsafe.SizeOf<T>();
}
