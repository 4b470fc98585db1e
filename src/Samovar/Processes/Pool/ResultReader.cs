using System.Diagnostics;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>A result where it lies: in the ring, in a segment of its own, or copied. Used by one thread, for one result after the
/// other.</summary>
internal sealed unsafe class ResultReader : ResultSource
{
    private ShippingReader? _reader;
    private byte* _start;
    private int _length;
    private byte[]? _copy;
    private long _took;

    public override TimeSpan Took => Stopwatch.GetElapsedTime(0, _took);

    /// <summary>Points at a result that stays where it is until the next one.</summary>
    public ResultReader At(ShippingReader reader, byte* start, int length, long took)
    {
        _reader = reader;
        _start = start;
        _length = length;
        _copy = null;
        _took = took;
        return this;
    }

    /// <summary>Takes a copy, to be read later on another thread.</summary>
    public static ResultReader Copy(ShippingReader reader, ReadOnlySpan<byte> body, long took) =>
        new() { _reader = reader, _copy = body.ToArray(), _took = took };

    public override T Read<T>() => _reader!.Read<T>(_copy ?? new ReadOnlySpan<byte>(_start, _length));
}
