using System.Runtime.InteropServices;

namespace Samovar.Ipc.Channel;

/// <summary>The result or error of one item of a batch, as bytes: a head, then the payload.</summary>
/// <remarks>
/// A head of zero or more is the length of a result; a negative head is the complement of the length of an error. Results that are copied as raw
/// bytes are stored as such, text as its UTF-16 units, and null text as a single byte. All other results, and each error, are a message of their own,
/// so one item's result never affects the other items.
/// </remarks>
internal static class ItemEntry
{
    public const int HeadSize = sizeof(int);

    public static int ErrorHead(int length) => ~length;

    /// <summary>Returns the payload of text. UTF-16 has an even number of bytes, so the single byte of null is unambiguous.</summary>
    public static ReadOnlySpan<byte> PayloadOf(string? text) => text is null ? [0] : MemoryMarshal.AsBytes(text.AsSpan());
}
