using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Serialization.Wire;

internal sealed partial class GraphWriter
{
    /// <summary>The size, in bytes, from which a block is copied once, directly to the output, instead of twice.</summary>
    private const int BlockThreshold = 4096;

    private const int KeptBuffer = 1 << 20;
    private const int RecentStrings = 64;

    private byte[] _buffer = new byte[512];
    private int _position;
    private long _blockBytes;
    private long _maxBytes;
    private List<Block>? _blocks;
    private string?[]? _recent;
    private int[]? _recentNumbers;
    private int _stringCount;

    /// <summary>The size of the message so far, in bytes.</summary>
    internal long Length => _position + _blockBytes;

    private void ResetBytes()
    {
        if (_buffer.Length > KeptBuffer) _buffer = new byte[512];
        _position = 0;
        _blockBytes = 0;
        _blocks?.Clear();
        if (_stringCount > 0) Array.Clear(_recent!);
        _stringCount = 0;
    }

    /// <summary>Reserves <paramref name="size"/> bytes, all of which the caller must fill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref byte Reserve(int size)
    {
        int at = _position;
        if (_buffer.Length - at < size) Grow(size);
        _position = at + size;
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), at);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int size)
    {
        CheckSize(size);
        long wanted = Math.Max((long)_position + size, Math.Min(_buffer.Length * 2L, Array.MaxLength));
        Array.Resize(ref _buffer, checked((int)wanted));
    }

    private void CheckSize(long more)
    {
        if (Length + more > _maxBytes)
            throw new UnsupportedValueException(null, $"makes the message larger than {_maxBytes:N0} bytes; send less at a time, or raise ShippingOptions.MaxBytes");
    }

    /// <summary>Refuses a message that exceeds the limit although its last bytes fitted into the current buffer.</summary>
    internal void CheckTotal() => CheckSize(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteByte(byte value) => Reserve(1) = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteRaw<T>(T value) => Unsafe.WriteUnaligned(ref Reserve(Unsafe.SizeOf<T>()), value);

    /// <summary>Writes a variable-length number: seven bits per byte, least significant first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteVarUInt(uint value)
    {
        if (value < 0x80) Reserve(1) = (byte)value;
        else WriteLongVarUInt(value);
    }

    private void WriteLongVarUInt(uint value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    /// <summary>Writes a string. The first number is 0 for null and 1 for a string that was written before; otherwise it is two plus twice the
    /// length, plus one if each code unit takes two bytes.</summary>
    internal void WriteString(string? value)
    {
        if (value is null)
        {
            WriteByte(0);
            return;
        }

        if (value.Length == 0)
        {
            WriteByte(2);
            return;
        }

        if (value.Length > Options.MaxStringLength)
            throw new UnsupportedValueException(value, $"has {value.Length:N0} characters, more than {Options.MaxStringLength:N0}; raise ShippingOptions.MaxStringLength");

        _recent ??= new string?[RecentStrings];
        _recentNumbers ??= new int[RecentStrings];
        int slot = (value[0] * 31 + value[^1] * 7 + value.Length) & RecentStrings - 1;
        if (ReferenceEquals(_recent[slot], value) || (value.Length < 64 && _recent[slot] == value))
        {
            WriteByte(1);
            WriteVarUInt((uint)_recentNumbers[slot]);
            return;
        }

        _recent[slot] = value;
        _recentNumbers[slot] = _stringCount++;
        WriteText(value);
    }

    private void WriteText(ReadOnlySpan<char> value)
    {
        CheckSize(value.Length * 2L + 8);
        int start = _position;
        WriteVarUInt((uint)value.Length * 2 + 2);
        Reserve(value.Length);
        _position -= value.Length;
        if (Ascii.FromUtf16(value, _buffer.AsSpan(_position, value.Length), out _) == OperationStatus.Done)
        {
            _position += value.Length;
            return;
        }

        // Not ASCII: the code units are copied unchanged, so that a lone surrogate survives.
        _position = start;
        WriteVarUInt((uint)value.Length * 2 + 3);
        WriteElements(value);
    }

    /// <summary>Writes bytes whose length the reader knows, or has read before them.</summary>
    internal void WriteBytes(ReadOnlySpan<byte> bytes) => WriteElements(bytes);

    private void CopyBytes(ref byte source, long offset, int count) =>
        Unsafe.CopyBlockUnaligned(ref Reserve(count), ref Unsafe.Add(ref source, (nint)offset), (uint)count);

    /// <summary>Adds a block of an array by reference. The block must not change before the message is copied to its destination.</summary>
    internal void AddBlock(Array source, long offset, long bytes)
    {
        CheckSize(bytes);
        (_blocks ??= []).Add(new Block(source, (nint)offset, (int)bytes, _position));
        _blockBytes += bytes;
    }

    /// <summary>Copies the message to its destination.</summary>
    internal void CopyTo(Span<byte> destination)
    {
        int from = 0;
        if (_blocks is { Count: > 0 })
        {
            foreach (var block in _blocks)
            {
                _buffer.AsSpan(from, block.At - from).CopyTo(destination);
                destination = destination[(block.At - from)..];
                from = block.At;
                block.Bytes.CopyTo(destination);
                destination = destination[block.Count..];
            }
        }

        _buffer.AsSpan(from, _position - from).CopyTo(destination);
    }

    /// <summary>A part of an array that is read when the message is copied to its destination.</summary>
    private readonly record struct Block(Array Source, nint Offset, int Count, int At)
    {
        public ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Source), Offset), Count);
    }
}
