using System.Globalization;
using System.Security.Cryptography;

namespace Samovar.Ipc.Platform;

/// <summary>128 random bits that tie a worker to the channel for which it was started.</summary>
internal readonly record struct ChannelCookie(ulong Low, ulong High)
{
    public const int Size = 16;

    public static ChannelCookie Random()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    public static ChannelCookie Read(ReadOnlySpan<byte> bytes) =>
        new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));

    public static bool TryParse(ReadOnlySpan<char> text, out ChannelCookie cookie)
    {
        cookie = default;
        if (text.Length != 2 * Size
            || !ulong.TryParse(text[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong high)
            || !ulong.TryParse(text[16..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong low))
        {
            return false;
        }

        cookie = new ChannelCookie(low, high);
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        BitConverter.TryWriteBytes(bytes, Low);
        BitConverter.TryWriteBytes(bytes[8..], High);
    }

    /// <summary>Compares in constant time.</summary>
    public bool Matches(ChannelCookie other) => ((Low ^ other.Low) | (High ^ other.High)) == 0;

    /// <summary>Returns 32 hexadecimal digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";
}
