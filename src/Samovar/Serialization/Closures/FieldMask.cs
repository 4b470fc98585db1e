using System.Buffers.Binary;
using System.Numerics;

namespace Samovar.Serialization.Closures;

/// <summary>A set of up to 128 fields of a class, as one bit for each.</summary>
/// <remarks>Not a <see cref="UInt128"/>: crossgen2 leaves every method that passes one by value, or an object that has one, to be compiled at run time, which
/// cost each worker some milliseconds of its start.</remarks>
/// <param name="Low">The fields 0 to 63.</param>
/// <param name="High">The fields 64 to 127.</param>
internal readonly record struct FieldMask(ulong Low, ulong High)
{
    /// <summary>How many fields there can be.</summary>
    public const int Capacity = 128;

    /// <summary>The size of the set in a message, in bytes.</summary>
    public const int Size = sizeof(ulong) * 2;

    private const int Half = 64;

    public int Count => BitOperations.PopCount(Low) + BitOperations.PopCount(High);

    public static FieldMask operator |(FieldMask one, FieldMask other) => new(one.Low | other.Low, one.High | other.High);

    public static FieldMask Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]));

    public bool Contains(int field) => ((field < Half ? Low : High) >> field & 1) != 0; // the shift ignores multiples of 64

    public FieldMask With(int field) => field < Half ? this with { Low = Low | 1UL << field } : this with { High = High | 1UL << field };

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(sizeof(ulong)), High);
        return bytes;
    }
}
