using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>The error with which a queue is completed, in the room that its header has for it.</summary>
internal static class QueueError
{
    private const int LongestText = 500; // of UTF-16, so that three texts fit

    public static byte[] Write(Exception error)
    {
        try
        {
            byte[] packed = Shipping.Pack(error);
            if (packed.Length <= QueueHeader.ErrorSize) return packed;
        }
        catch (UnshippableException)
        {
            // It goes as text, as below, where it is too long.
        }

        var text = RemoteException.From(error);
        return Shipping.Pack<Exception>(new RemoteException(Cut(text.TypeName)!, Cut(text.RemoteMessage)!, Cut(text.RemoteStackTrace), "it was too long to be sent whole"));
    }

    public static Exception? Read(ReadOnlySpan<byte> place, int length)
    {
        if (length == 0) return null;
        if (length < 0 || length > place.Length)
            return new ChannelCorruptedException($"A queue was completed with an error of {length} bytes, for which there is no room.");
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
