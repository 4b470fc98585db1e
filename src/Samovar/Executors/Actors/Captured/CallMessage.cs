using System.Buffers.Binary;

namespace Samovar.Executors.Actors.Captured;

/// <summary>What a message between a proxy and its actor is.</summary>
internal enum CallMessageKind : byte
{
    /// <summary>To the actor: a <see cref="CapturedCall{T}"/>.</summary>
    Call,

    /// <summary>To the actor: cancel the call.</summary>
    Cancel,

    /// <summary>To the proxy: the call has succeeded; with its result, if it has one.</summary>
    Succeeded,

    /// <summary>To the proxy: the call has failed, with its exception.</summary>
    Failed,

    /// <summary>To the proxy: the call was cancelled.</summary>
    Canceled,
}

/// <summary>A message between a proxy and its actor, or a part of one: a long message is sent in parts, each of which fits into a ring.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="IsLast">Whether it is the last part.</param>
/// <param name="Number">The number of the call.</param>
/// <param name="Body">The content.</param>
internal readonly record struct CallMessage(CallMessageKind Kind, bool IsLast, long Number, ReadOnlyMemory<byte> Body)
{
    private const int HeaderSize = 2 + sizeof(long);
    private const int LargestPart = 8 * 1024;

    /// <summary>Sends a message in as many parts as it needs.</summary>
    public static void Send(Action<object?> send, CallMessageKind kind, long number, ReadOnlySpan<byte> body)
    {
        do
        {
            int length = Math.Min(body.Length, LargestPart);
            byte[] part = new byte[HeaderSize + length];
            part[0] = (byte)kind;
            part[1] = length == body.Length ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt64LittleEndian(part.AsSpan(2), number);
            body[..length].CopyTo(part.AsSpan(HeaderSize));
            send(part);
            body = body[length..];
        }
        while (body.Length > 0);
    }

    /// <summary>Reads a part.</summary>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static CallMessage Read(object? message) =>
        message is byte[] { Length: >= HeaderSize } bytes && bytes[0] <= (byte)CallMessageKind.Canceled && bytes[1] <= 1
            ? new CallMessage((CallMessageKind)bytes[0], bytes[1] == 1, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(2)), bytes.AsMemory(HeaderSize))
            : throw new InvalidDataException("A message of a captured actor is malformed.");
}
