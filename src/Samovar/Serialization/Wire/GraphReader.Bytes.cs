using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Serialization.Wire;

internal sealed unsafe partial class GraphReader
{
    private byte* _start;
    private byte* _at;
    private byte* _end;
    private long _promised;
    private string[] _strings = new string[8];
    private int _stringCount;

    internal long Left => _end - _at;

    internal ShippingFormatException Bad(string what, Exception? cause = null) => new(what + ".", _at - _start, cause);

    private void EndStrings()
    {
        if (_strings.Length > 4096) _strings = new string[8];
        else Array.Clear(_strings, 0, _stringCount);
        _stringCount = 0;
    }

    /// <summary>Consumes the next <paramref name="size"/> bytes. This is the only place that checks for the end of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref byte Take(int size)
    {
        byte* at = _at;
        if (_end - at < size) Truncated(size);
        _at = at + size;
        return ref *at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Truncated(long size) => throw Bad($"The message ends {size - Left:N0} bytes early");

    /// <summary>Reserves bytes for a body that is read later. Throws if the message has too few bytes left for all reservations.</summary>
    internal void Promise(long bytes)
    {
        _promised += bytes;
        if (_promised > Left) throw Bad($"The message has {Left:N0} bytes left for objects that need at least {_promised:N0}");
    }

    internal void Redeem(long bytes) => _promised -= bytes;

    internal byte ReadByte() => Take(1);

    internal T ReadRaw<T>() => Unsafe.ReadUnaligned<T>(ref Take(Unsafe.SizeOf<T>()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint ReadVarUInt()
    {
        byte first = Take(1);
        return first < 0x80 ? first : ReadLongVarUInt(first);
    }

    private uint ReadLongVarUInt(uint value)
    {
        value &= 0x7F;
        for (int shift = 7; ; shift += 7)
        {
            uint next = Take(1);
            if (shift == 28 && next > 0xF) throw Bad("A number has more than 32 bits");
            value |= (next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }

    internal uint ReadDefinition() => ReadVarUInt();

    /// <summary>Reads a count of elements and checks that the rest of the message can contain them, at <paramref name="leastBytes"/> bytes
    /// each.</summary>
    internal int ReadCount(int leastBytes)
    {
        uint count = ReadVarUInt();
        CheckCount(count, leastBytes);
        return (int)count;
    }

    internal void CheckCount(long count, int leastBytes)
    {
        if (count > Options.MaxArrayLength)
            throw Bad($"A collection of {count:N0} elements is longer than the limit of {Options.MaxArrayLength:N0}");
        if (count * leastBytes > Left - _promised)
            throw Bad($"A collection of {count:N0} elements does not fit into the {Left:N0} bytes left");
    }

    internal string? ReadString()
    {
        uint token = ReadVarUInt();
        switch (token)
        {
            case 0:
                return null;
            case 1:
                uint number = ReadVarUInt();
                return number < (uint)_stringCount ? _strings[number] : throw Bad($"String {number} is referred to before it appears");
            case 2:
                return "";
            default:
                return Remember(ReadText((int)((token - 2) >> 1), wide: (token & 1) != 0));
        }
    }

    private string ReadText(int length, bool wide)
    {
        if (length > Options.MaxStringLength)
            throw Bad($"A string of {length:N0} characters is longer than the limit of {Options.MaxStringLength:N0}");
        long bytes = wide ? length * 2L : length;
        if (bytes > Left - _promised) throw Bad($"A string of {length:N0} characters does not fit into the {Left:N0} bytes left");
        var span = MemoryMarshal.CreateReadOnlySpan(ref Take((int)bytes), (int)bytes);
        if (wide)
        {
            var text = new string('\0', length);
            span.CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(text.AsSpan()), length)));
            return text;
        }

        var narrow = new string('\0', length);
        Ascii.ToUtf16(span, MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(narrow.AsSpan()), length), out int written);
        return written == length ? narrow : throw Bad("A string that is marked as ASCII contains other bytes");
    }

    private string Remember(string text)
    {
        if (_stringCount == _strings.Length) Array.Resize(ref _strings, _stringCount * 2);
        _strings[_stringCount++] = text;
        return text;
    }

    /// <summary>Reads a string that must not be null.</summary>
    internal string ReadText() => ReadString() ?? throw Bad("A string is null where a value is required");

    /// <summary>Fills a span with the next bytes.</summary>
    internal void ReadElements<T>(Span<T> span)
    {
        long bytes = (long)span.Length * Unsafe.SizeOf<T>();
        if (bytes > Left) Truncated(bytes);
        if (bytes > 0)
        {
            Buffer.MemoryCopy(_at, Unsafe.AsPointer(ref MemoryMarshal.GetReference(span)), bytes, bytes);
            _at += bytes;
        }
    }

    internal ReadOnlySpan<byte> ReadBytes(int count) => MemoryMarshal.CreateReadOnlySpan(ref Take(count), count);
}
