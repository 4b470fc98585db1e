using System.Buffers.Binary;
using System.Diagnostics;

namespace Samovar;

/// <summary>Represents the key of a stored result: a SHA-256 over the function and its argument. See <see cref="ResultCache"/>.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly record struct ResultCacheKey
{
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Initializes a key from its bytes.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes.</exception>
    public ResultCacheKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A key has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Gets the size of a key, in bytes: 32.</summary>
    public static int Size => 32;

    /// <summary>Copies the key to a span.</summary>
    /// <param name="destination">The span to copy to; at least <see cref="Size"/> bytes long.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <summary>Returns the key in a new array.</summary>
    /// <returns><see cref="Size"/> bytes.</returns>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Returns the key as 64 hexadecimal digits.</summary>
    /// <returns>The digits, in lower case.</returns>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
