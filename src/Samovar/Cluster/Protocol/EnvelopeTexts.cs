using System.Text;

namespace Samovar.Cluster.Protocol;

/// <summary>Describes for an operator why a message was refused.</summary>
internal static class EnvelopeTexts
{
    private const int NameLengthOffset = 5;
    private const int NameOffset = 6;

    /// <param name="verdict">Why.</param>
    /// <param name="message">The message, of which only the name of the key is read, and only if the verdict depends on it.</param>
    public static string Of(EnvelopeVerdict verdict, ReadOnlySpan<byte> message) => verdict switch
    {
        EnvelopeVerdict.Valid => "it is valid",
        EnvelopeVerdict.NotAMessage => "it is no message of a cluster, or was truncated",
        EnvelopeVerdict.OtherVersion => "it has another version of the protocol: compare the versions of Samovar",
        EnvelopeVerdict.Unsigned => "it is not signed, and this member has a key",
        EnvelopeVerdict.UnknownKey => $"it is signed with the key '{KeyName(message)}', which this member does not have",
        EnvelopeVerdict.Forged => $"its signature with the key '{KeyName(message)}' does not fit: it was altered, or this member has another secret under that name",
        EnvelopeVerdict.TooOld => "it is too old, or the clock of its sender is ahead: compare the clocks",
        _ => verdict.ToString(),
    };

    // Not verified: replaces what is not a name.
    private static string KeyName(ReadOnlySpan<byte> message)
    {
        int length = message.Length > NameLengthOffset ? Math.Min(message[NameLengthOffset], message.Length - NameOffset) : 0;
        string name = Encoding.ASCII.GetString(message.Slice(NameOffset, length));
        return string.Concat(name.Select(static one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' ? one : '?'));
    }
}
