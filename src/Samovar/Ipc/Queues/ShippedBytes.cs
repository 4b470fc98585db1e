using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>An item as it is written into a ring's arena.</summary>
internal readonly ref struct ShippedBytes
{
    private readonly ShippedKind _kind;

    public ShippedBytes(ShippedKind kind, ReadOnlySpan<byte> bytes)
    {
        _kind = kind;
        Bytes = bytes;
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public int Length => Bytes.Length;

    /// <summary>How the item is read, depending on whether its bytes are in the arena or stored separately.</summary>
    public ShippedKind KindAs(bool isLarge) => !isLarge ? _kind : _kind switch
    {
        ShippedKind.Bytes => ShippedKind.LargeBytes,
        ShippedKind.Packed => ShippedKind.LargePacked,
        _ => ShippedKind.LargeLive,
    };
}

/// <summary>An item as a producer holds it until it is put.</summary>
internal sealed class OutgoingItem<T> : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly InFlightHandles _kept = new();
    private byte[] _bytes = [];
    private string? _text;
    private ShippedKind _kind;

    /// <summary>The handles that the ring holds until the item is taken; null for none.</summary>
    public IDisposable? Hold => _kept.Count > 0 ? _kept : null;

    public ShippedBytes Bytes => new(_kind, _text is not null ? MemoryMarshal.AsBytes(_text.AsSpan()) : _bytes.Length > 0 ? _bytes : _buffer.WrittenSpan);

    /// <exception cref="UnshippableException">A part of the item cannot be serialized.</exception>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.CheckedAtRunTime)]
    public void Write(T item)
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
            QueueShipping<T>.Shared.Write(item, _buffer, _kept);
            _kind = _kept.Count > 0 ? ShippedKind.Live : ShippedKind.Packed;
        }
    }

    /// <summary>Releases the handles of an item that was not put.</summary>
    public void Dispose() => _kept.Dispose();
}
