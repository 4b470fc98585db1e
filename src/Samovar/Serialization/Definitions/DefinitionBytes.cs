using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Samovar.Serialization.Definitions;

/// <summary>Encodes one definition.</summary>
internal sealed class DefinitionBytes
{
    private readonly ArrayBufferWriter<byte> _bytes = new(32);

    public static DefinitionBytes Begin(DefinitionKind kind) => new DefinitionBytes().Byte((byte)kind);

    public DefinitionBytes Byte(byte value) => Bytes([value]);

    public DefinitionBytes Bytes(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public DefinitionBytes Number(int value)
    {
        WriteNumber(_bytes, (uint)value);
        return this;
    }

    public DefinitionBytes Token(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public DefinitionBytes Text(string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        return Number(text.Length).Bytes(text);
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Writes a variable-length number: seven bits per byte, least significant first.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, uint value)
    {
        var span = output.GetSpan(5);
        int count = 0;
        for (; value >= 0x80; value >>= 7) span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        output.Advance(count);
    }
}
