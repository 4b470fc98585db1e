using System.Buffers.Binary;
using System.Text;

namespace Samovar.Cluster.Protocol;

/// <summary>Reads what a <see cref="MessageWriter"/> wrote. Every length is checked before it is used.</summary>
internal struct MessageReader(ReadOnlyMemory<byte> body)
{
    private ReadOnlyMemory<byte> _rest = body;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1).Span[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)).Span);

    public Guid Id() => new(Take(16).Span);

    public string Text()
    {
        var bytes = Bytes();
        try
        {
            return Encoding.UTF8.GetString(bytes.Span);
        }
        catch (ArgumentException error)
        {
            throw new MessageFormatException(error.Message);
        }
    }

    /// <summary>Reads the address of a reply box, which is not empty.</summary>
    public string Address() => Text() is { Length: > 0 } address ? address : throw new MessageFormatException("The address of a member is empty.");

    /// <summary>Reads bytes after their length; they stay in the message.</summary>
    public ReadOnlyMemory<byte> Bytes() => Take(Int32());

    /// <summary>Reads bytes of a known length; they stay in the message.</summary>
    public ReadOnlyMemory<byte> Raw(int length) => Take(length);

    /// <summary>Reads the number of elements that follow.</summary>
    /// <param name="least">The smallest size of an element in bytes.</param>
    public int Count(int least)
    {
        int count = Int32();
        if (count < 0 || count > _rest.Length / least) throw new MessageFormatException($"{count} elements are announced, but {_rest.Length} bytes follow.");
        return count;
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length) throw new MessageFormatException($"{length} bytes are expected, but {_rest.Length} are left.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
