using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>A shipped item as it was taken: ready, or a copy of its bytes that is still to be read, outside of the claim.</summary>
internal readonly struct TakenBytes<T>
{
    private static readonly QueueShipping<T> s_shipping = new();

    private readonly T _value;
    private readonly byte[]? _copy;
    private readonly int _length;
    private readonly Exception? _error;

    private TakenBytes(T value, byte[]? copy, int length, Exception? error, bool isLost)
    {
        _value = value;
        _copy = copy;
        _length = length;
        _error = error;
        IsLost = isLost;
    }

    /// <summary>Its sender, which held a part of it, has gone: there is nothing to be had.</summary>
    public bool IsLost { get; }

    /// <summary>Under the claim: takes what will not be there later.</summary>
    public static TakenBytes<T> From(ShippedKind kind, ReadOnlySpan<byte> bytes)
    {
        switch (kind)
        {
            case ShippedKind.Null:
                return default;
            case ShippedKind.Bytes:
                return Ready(FromBytes(bytes));
            case ShippedKind.Packed:
                byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
                bytes.CopyTo(copy);
                return new TakenBytes<T>(default!, copy, bytes.Length, null, isLost: false);
            case ShippedKind.Live:
                return ReadLive(bytes);
            default:
                throw new ChannelCorruptedException($"An item of kind {(int)kind} is none that a queue holds.");
        }
    }

    /// <inheritdoc cref="From"/>
    public static TakenBytes<T> FromLarge(ShippedKind kind, LargeItemArea area, LargePlace place)
    {
        int length = (int)place.Length;
        if (kind == ShippedKind.LargeBytes && typeof(T) == typeof(byte[]))
        {
            byte[] whole = GC.AllocateUninitializedArray<byte>(length);
            area.ReadClaimed(place, whole);
            return Ready(Unsafe.As<byte[], T>(ref whole));
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        area.ReadClaimed(place, copy.AsSpan(0, length));
        if (kind == ShippedKind.LargePacked) return new TakenBytes<T>(default!, copy, length, null, isLost: false);
        TakenBytes<T> taken = kind == ShippedKind.LargeLive ? ReadLive(copy.AsSpan(0, length)) : Ready(FromBytes(copy.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(copy);
        return taken;
    }

    /// <summary>The item.</summary>
    /// <exception cref="ShippingException">It cannot be read here; it was taken all the same.</exception>
    public T Read()
    {
        if (_error is not null) throw _error;
        if (_copy is null) return _value;
        try
        {
            return s_shipping.Read(_copy.AsSpan(0, _length), InFlightHandles.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_copy);
        }
    }

    // What its sender holds is opened before the sender may let go.
    private static TakenBytes<T> ReadLive(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Ready(s_shipping.Read(bytes, InFlightHandles.None));
        }
        catch (ShippingException e) when (e.InnerException is SharedObjectException { Fault: SharedObjectFault.NotFound })
        {
            return new TakenBytes<T>(default!, null, 0, null, isLost: true); // counted
        }
        catch (Exception e) when (e is ShippingException or SharedObjectException or OutOfMemoryException)
        {
            return e is SharedObjectException { Fault: SharedObjectFault.NotFound }
                ? new TakenBytes<T>(default!, null, 0, null, isLost: true) // counted
                : new TakenBytes<T>(default!, null, 0, e, isLost: false); // thrown at who takes it
        }
    }

    private static TakenBytes<T> Ready(T value) => new(value, null, 0, null, isLost: false);

    private static T FromBytes(ReadOnlySpan<byte> payload)
    {
        object value = typeof(T) == typeof(byte[]) ? payload.ToArray()
            : typeof(T) == typeof(string) && payload.Length % sizeof(char) == 0 ? new string(MemoryMarshal.Cast<byte, char>(payload))
            : throw new ChannelCorruptedException($"An item of {payload.Length} bytes is no {typeof(T).Name}.");
        return Unsafe.As<object, T>(ref value);
    }
}
