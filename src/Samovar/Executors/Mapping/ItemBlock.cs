using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>The results of consecutive items of a batch, as their worker wrote them: the position of the first item in the batch, the
/// number of items, and an <see cref="ItemEntry"/> for each.</summary>
internal static class ItemBlock
{
    /// <summary>The number of bytes before the entries: two int32 values.</summary>
    public const int HeaderSize = 2 * sizeof(int);

    /// <summary>Reads outcomes; skips those that were read before.</summary>
    /// <param name="block">The bytes, and the readers for the messages in them.</param>
    /// <param name="outcomes">One element for each item of the batch, filled up to <paramref name="have"/>.</param>
    /// <param name="have">The number of outcomes read so far.</param>
    /// <param name="firstIndex">The index of the batch's first item in the source.</param>
    /// <param name="hasErrors">Set to true if one of them is an error.</param>
    /// <param name="rest">The bytes after the outcomes.</param>
    /// <returns>The number of outcomes read now.</returns>
    /// <exception cref="ChannelCorruptedException">The block is malformed.</exception>
    public static int Read<T>(ResultSource block, Outcome<T>[] outcomes, int have, long firstIndex, ref bool hasErrors, out ReadOnlySpan<byte> rest)
    {
        var bytes = block.Bytes;
        if (bytes.Length < HeaderSize) throw Bad("it has no header");
        int first = MemoryMarshal.Read<int>(bytes);
        int count = MemoryMarshal.Read<int>(bytes[sizeof(int)..]);
        if (first < 0 || first > have || count < 0 || count > outcomes.Length - first) throw Bad($"it starts at item {first} and has {count} items, but {have} of {outcomes.Length} items were read so far");
        bytes = bytes[HeaderSize..];
        PartReader<T>? read = null;
        for (int i = first; i < first + count; i++)
        {
            if (bytes.Length < ItemEntry.HeadSize) throw Bad("it is truncated");
            int head = MemoryMarshal.Read<int>(bytes);
            int length = head < 0 ? ItemEntry.ErrorHead(head) : head;
            bytes = bytes[ItemEntry.HeadSize..];
            if (length > bytes.Length) throw Bad("an entry is truncated");
            if (ItemForm<T>.IsBytes && i >= have && TryReadBytes(bytes, length, head, out T value))
            {
                outcomes[have++] = Outcome<T>.Success(firstIndex + i, value);
            }
            else if (i >= have)
            {
                outcomes[have] = Read(block, ref read, bytes[..length], head < 0, firstIndex + i);
                hasErrors |= !outcomes[have++].IsSuccess;
            }

            bytes = bytes[length..];
        }

        rest = bytes;
        return have;
    }

    private static Outcome<T> Read<T>(ResultSource block, ref PartReader<T>? read, ReadOnlySpan<byte> payload, bool isError, long index)
    {
        try
        {
            if (isError) return Outcome<T>.Failure(index, block.PartsOf<Exception>()(payload) ?? throw new ShippingFormatException("An item is marked as failed but has no error."));
            if (ItemForm<T>.IsBytes) return Outcome<T>.Success(index, OfBytes<T>(payload));
            if (ItemForm<T>.IsText) return Outcome<T>.Success(index, Text<T>(payload));
            return Outcome<T>.Success(index, (read ??= block.PartsOf<T>())(payload));
        }
        catch (Exception error) when (error is not ThreadInterruptedException)
        {
            // The result cannot be read: this item fails, not the batch.
            return Outcome<T>.Failure(index, error);
        }
    }

    /// <summary>The common case, kept small: values whose bytes are copied.</summary>
    private static bool TryReadBytes<T>(ReadOnlySpan<byte> payload, int length, int head, out T value)
    {
        if (head == ItemForm<T>.Size && length <= payload.Length)
        {
            value = Unsafe.ReadUnaligned<T>(ref MemoryMarshal.GetReference(payload));
            return ItemForm<T>.IsValid(value);
        }

        value = default!;
        return false;
    }

    private static T OfBytes<T>(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != ItemForm<T>.Size) throw new ShippingFormatException($"A {typeof(T)} has {ItemForm<T>.Size} bytes, but {payload.Length} were received.");
        var value = Unsafe.ReadUnaligned<T>(ref MemoryMarshal.GetReference(payload));
        return ItemForm<T>.IsValid(value) ? value : throw new ShippingFormatException($"The received bytes are not a valid {typeof(T)}.");
    }

    private static T Text<T>(ReadOnlySpan<byte> payload)
    {
        string? text = payload.Length == 1 ? null : new string(MemoryMarshal.Cast<byte, char>(payload));
        return Unsafe.As<string?, T>(ref text);
    }

    private static ChannelCorruptedException Bad(string why) => new($"A worker's result for a batch of items is malformed: {why}.");
}
