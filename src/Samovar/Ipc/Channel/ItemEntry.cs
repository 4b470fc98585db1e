using System.Runtime.InteropServices;

namespace Samovar.Ipc.Channel;

/// <summary>What one item of a batch has brought, as bytes: a head, then the payload.</summary>
/// <remarks>
/// A head of zero or more is the length of a result, a negative one the complement of the length of an error. Results that are nothing but
/// bytes travel as those; text as its UTF-16 units, and a single byte for null; everything else, and each error, as a message of its own,
/// so that one item's result never depends on its neighbours.
/// </remarks>
internal static class ItemEntry
{
    public const int HeadSize = sizeof(int);

    public static int ErrorHead(int length) => ~length;

    /// <summary>The payload of text: UTF-16 has an even number of bytes, so the single one of null is no text.</summary>
    public static ReadOnlySpan<byte> PayloadOf(string? text) => text is null ? [0] : MemoryMarshal.AsBytes(text.AsSpan());
}
