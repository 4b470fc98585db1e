using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An item as it goes into a lane's arena.</summary>
internal readonly ref struct ShippedBytes
{
    private readonly ReadOnlySpan<byte> _bytes;

    public ShippedBytes(ShippedKind kind, ReadOnlySpan<byte> bytes)
    {
        Kind = kind;
        _bytes = bytes;
    }

    public ShippedKind Kind { get; }

    public int Length => _bytes.Length;

    public void CopyTo(Span<byte> place) => _bytes.CopyTo(place);
}

/// <summary>An item as a producer holds it until it is put.</summary>
internal sealed class OutgoingItem<T> : IDisposable
{
    private static readonly QueueShipping<T> s_shipping = new();

    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly KeptInTransit _kept = new();
    private byte[] _bytes = [];
    private string? _text;
    private IDisposable? _hold;
    private ShippedKind _kind;

    /// <summary>What the lane is to hold until the item was taken; null for nothing.</summary>
    public IDisposable? Hold => _hold;

    public ShippedBytes Bytes => new(_kind, _text is not null ? MemoryMarshal.AsBytes(_text.AsSpan()) : _bytes.Length > 0 ? _bytes : _buffer.WrittenSpan);

    /// <exception cref="UnshippableException">Something in the item cannot travel.</exception>
    public void Write(T item, long longestInside)
    {
        if (item is null)
        {
            _kind = ShippedKind.Null;
            return;
        }

        if (typeof(T) == typeof(byte[]))
        {
            _kind = ShippedKind.Bytes;
            _bytes = Unsafe.As<T, byte[]>(ref item);
        }
        else if (typeof(T) == typeof(string))
        {
            _kind = ShippedKind.Bytes;
            _text = Unsafe.As<T, string>(ref item);
        }
        else
        {
            s_shipping.Write(item, _buffer, _kept);
            _kind = _kept.Count > 0 ? ShippedKind.Live : ShippedKind.Packed;
            _hold = _kept.Count > 0 ? _kept : null;
        }

        if (Bytes.Length > longestInside)
            WriteLarge();
    }

    /// <summary>The item was not put.</summary>
    public void Dispose() => _hold?.Dispose();

    private void WriteLarge()
    {
        ShippedBytes bytes = Bytes;
        SharedReference segment = LargeItem.Create(bytes);
        SharedHandle handle = segment.Region.Handle;
        _hold = new HeldTogether(segment, _kept);
        _kind = bytes.Kind == ShippedKind.Bytes ? ShippedKind.LargeBytes : ShippedKind.LargePacked;
        _text = null;
        _bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<SharedHandle>(in handle)).ToArray();
    }

    private sealed class HeldTogether(IDisposable segment, KeptInTransit kept) : IDisposable
    {
        public void Dispose()
        {
            segment.Dispose();
            kept.Dispose();
        }
    }
}

/// <summary>Items that get a segment of their own.</summary>
internal static unsafe class LargeItem
{
    private static readonly SharedFormat s_format = new() { Kind = SharedKind.Memory };

    public static SharedReference Create(ShippedBytes bytes)
    {
        SharedReference segment = SharedReference.Create(s_format with { Capacity = bytes.Length, DataLength = bytes.Length });
        bytes.CopyTo(new Span<byte>(segment.Region.Data, bytes.Length));
        GC.KeepAlive(segment);
        return segment;
    }

    public static SharedReference Open(ReadOnlySpan<byte> handle) => SharedReference.Open(SharedHandle.Read(handle), s_format, isOfTask: true);
}
