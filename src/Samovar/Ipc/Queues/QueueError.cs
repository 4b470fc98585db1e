using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>Serializes the error with which a queue is completed into the fixed space in its header.</summary>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class QueueError
{
    private const int LongestText = 500; // in UTF-16 characters, so that three texts fit

    public static byte[] Write(Exception error)
    {
        try
        {
            byte[] packed = Shipping.Pack(error);
            if (packed.Length <= QueueHeader.ErrorSize) return packed;
        }
        catch (UnshippableException)
        {
            // It is sent as text below, as an error that is too long is.
        }

        var text = RemoteException.From(error);
        return Shipping.Pack<Exception>(new RemoteException(Cut(text.TypeName)!, Cut(text.RemoteMessage)!, Cut(text.RemoteStackTrace), "it was too long to be sent completely"));
    }

    public static Exception? Read(ReadOnlySpan<byte> place, int length)
    {
        if (length == 0) return null;
        if (length < 0 || length > place.Length)
            return new ChannelCorruptedException($"The queue's header has an error of {length} bytes, expected at most {place.Length}.");
        try
        {
            return Shipping.Unpack<Exception>(place[..length]);
        }
        catch (ShippingException e)
        {
            return e;
        }
    }

    private static string? Cut(string? text) => text is { Length: > LongestText } ? text[..LongestText] : text;
}
