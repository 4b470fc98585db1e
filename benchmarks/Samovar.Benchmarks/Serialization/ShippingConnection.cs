using System.Buffers;
using Samovar.Serialization;

namespace Samovar.Benchmarks.Serialization;

/// <summary>Both ends of a connection in one process, with a buffer for one message between them.</summary>
internal sealed class ShippingConnection
{
    private readonly ShippingWriter _writer = new();
    private readonly ShippingReader _reader = new();
    private byte[] _between = new byte[1024];
    private int _length;
    private int _known;

    public int Write<T>(T value)
    {
        using var body = _writer.Prepare(value);
        _length = body.Length;
        if (_length > _between.Length) _between = new byte[_length];
        body.CopyTo(_between);
        if (body.DefinitionsNeeded > _known) Define(body.DefinitionsNeeded);
        return _length;
    }

    public T Read<T>() => _reader.Read<T>(_between.AsSpan(0, _length));

    public T RoundTrip<T>(T value)
    {
        Write(value);
        return Read<T>();
    }

    private void Define(int needed)
    {
        var definitions = new ArrayBufferWriter<byte>();
        _writer.WriteDefinitions(_known, needed, definitions);
        _reader.ReadDefinitions(definitions.WrittenSpan);
        _known = needed;
    }
}
