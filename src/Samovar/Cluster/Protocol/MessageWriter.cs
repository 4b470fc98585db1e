using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Samovar.Cluster.Protocol;

/// <summary>Writes the body of a message. Numbers are little-endian.</summary>
internal sealed class MessageWriter(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> _output = new(capacity);

    public int Length => _output.WrittenCount;

    public ReadOnlyMemory<byte> Written => _output.WrittenMemory;

    public MessageWriter Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
        return this;
    }

    public MessageWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_output.GetSpan(sizeof(int)), value);
        _output.Advance(sizeof(int));
        return this;
    }

    public MessageWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_output.GetSpan(sizeof(long)), value);
        _output.Advance(sizeof(long));
        return this;
    }

    public MessageWriter Id(Guid value)
    {
        value.TryWriteBytes(_output.GetSpan(16));
        _output.Advance(16);
        return this;
    }

    public MessageWriter Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, _output.GetSpan(length));
        _output.Advance(length);
        return this;
    }

    /// <summary>Writes bytes after their length.</summary>
    public MessageWriter Bytes(ReadOnlySpan<byte> value) => Int32(value.Length).Raw(value);

    /// <summary>Writes bytes without their length.</summary>
    public MessageWriter Raw(ReadOnlySpan<byte> value)
    {
        _output.Write(value);
        return this;
    }
}
