using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>A serialized item that was taken: ready to use, or a copy of its bytes that is deserialized later, outside the claim.</summary>
internal readonly struct TakenBytes<T>
{
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

    /// <summary>Whether the item is lost: its producer, which held a part of it, has exited.</summary>
    public bool IsLost { get; }

    /// <summary>Called under the claim: takes everything that is not available afterwards.</summary>
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
                throw new ChannelCorruptedException($"A queue has no items of kind {(int)kind}.");
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

    /// <summary>Returns the item.</summary>
    /// <exception cref="ShippingException">The item was taken, but it cannot be deserialized in this process.</exception>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.CheckedAtRunTime)]
    public T Read()
    {
        if (_error is not null) throw _error;
        if (_copy is null) return _value;
        try
        {
            return QueueShipping<T>.Shared.Read(_copy.AsSpan(0, _length), InFlightHandles.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_copy);
        }
    }

    // Opens the objects that the producer holds before the producer can release them.
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.CheckedAtRunTime)]
    private static TakenBytes<T> ReadLive(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Ready(QueueShipping<T>.Shared.Read(bytes, InFlightHandles.None));
        }
        catch (ShippingException e) when (e.InnerException is SharedObjectException { Fault: SharedObjectFault.NotFound })
        {
            return new TakenBytes<T>(default!, null, 0, null, isLost: true); // the ring counts it
        }
        catch (Exception e) when (e is ShippingException or SharedObjectException or OutOfMemoryException)
        {
            return e is SharedObjectException { Fault: SharedObjectFault.NotFound }
                ? new TakenBytes<T>(default!, null, 0, null, isLost: true) // the ring counts it
                : new TakenBytes<T>(default!, null, 0, e, isLost: false); // thrown to the consumer
        }
    }

    private static TakenBytes<T> Ready(T value) => new(value, null, 0, null, isLost: false);

    private static T FromBytes(ReadOnlySpan<byte> payload)
    {
        object value = typeof(T) == typeof(byte[]) ? payload.ToArray()
            : typeof(T) == typeof(string) && payload.Length % sizeof(char) == 0 ? new string(MemoryMarshal.Cast<byte, char>(payload))
            : throw new ChannelCorruptedException($"An item of {payload.Length} bytes cannot be read as {typeof(T).Name}.");
        return Unsafe.As<object, T>(ref value);
    }
}
