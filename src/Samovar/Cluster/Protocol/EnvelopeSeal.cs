using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Cluster.Protocol;

/// <summary>Signs messages, and checks the messages of others before anything in them is read. Thread-safe.</summary>
/// <remarks>
/// <code>
///   offset  size  content
///   0       3     "SVC"
///   3       1     version of the protocol
///   4       1     kind
///   5       1     length n of the key's name; 0 if the message is not signed
///   6       n     name of the key, ASCII
///   6+n     8     time of issue, milliseconds since 1970
///   14+n    16    sender
///   30+n    32    build
///   62+n    …     body
///   end-32  32    HMAC-SHA256 over the cluster's name, a zero byte and everything before; only if the message is signed
/// </code>
/// </remarks>
internal sealed class EnvelopeSeal
{
    public const byte Version = 1;

    private const int MacSize = HMACSHA256.HashSizeInBytes;
    private const int FixedSize = 62;

    /// <summary>How far the clocks of members may differ.</summary>
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    private readonly ClusterKeys? _keys;
    private readonly byte[] _cluster;
    private readonly Guid _sender;
    private readonly Lazy<BuildId> _build;
    private readonly TimeProvider _time;
    private readonly TimeSpan _oldest;
    private readonly byte[] _keyId;

    public EnvelopeSeal(ClusterKeys? keys, string cluster, Guid sender, Lazy<BuildId> build, TimeProvider time, TimeSpan oldest)
    {
        _keys = keys;
        _cluster = [.. Encoding.ASCII.GetBytes(cluster), 0];
        _sender = sender;
        _build = build;
        _time = time;
        _oldest = oldest;
        _keyId = keys is null ? [] : Encoding.ASCII.GetBytes(keys.SigningId);
    }

    /// <summary>The number of bytes that a message has in addition to its body.</summary>
    public int Overhead => FixedSize + _keyId.Length + (_keys is null ? 0 : MacSize);

    /// <summary>Returns the message with a body.</summary>
    public byte[] Seal(MessageKind kind, ReadOnlySpan<byte> body)
    {
        byte[] message = new byte[Overhead + body.Length];
        "SVC"u8.CopyTo(message);
        message[3] = Version;
        message[4] = (byte)kind;
        message[5] = (byte)_keyId.Length;
        _keyId.CopyTo(message, 6);
        var rest = message.AsSpan(6 + _keyId.Length);
        BinaryPrimitives.WriteInt64LittleEndian(rest, _time.GetUtcNow().ToUnixTimeMilliseconds());
        _sender.TryWriteBytes(rest[8..]);
        _build.Value.CopyTo(rest[24..]);
        body.CopyTo(rest[56..]);
        if (_keys?.Find(_keys.SigningId) is { } secret)
        {
            int signed = message.Length - MacSize;
            Sign(secret, message.AsSpan(0, signed), message.AsSpan(signed));
        }

        return message;
    }

    /// <summary>Checks a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="envelope">What it contains, if it is valid; also if it is only too old, for an answer.</param>
    public EnvelopeVerdict Open(ReadOnlyMemory<byte> message, out Envelope envelope)
    {
        envelope = default;
        var bytes = message.Span;
        if (bytes.Length < FixedSize || !bytes.StartsWith("SVC"u8)) return EnvelopeVerdict.NotAMessage;
        if (bytes[3] != Version) return EnvelopeVerdict.OtherVersion;
        int idLength = bytes[5];
        int end = message.Length - (idLength == 0 ? 0 : MacSize);
        if (end < FixedSize + idLength) return EnvelopeVerdict.NotAMessage;
        if (_keys is not null)
        {
            if (idLength == 0) return EnvelopeVerdict.Unsigned;
            if (_keys.Find(Encoding.ASCII.GetString(bytes.Slice(6, idLength))) is not { } secret) return EnvelopeVerdict.UnknownKey;
            Span<byte> mac = stackalloc byte[MacSize];
            Sign(secret, bytes[..end], mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, bytes[end..])) return EnvelopeVerdict.Forged;
        }
        else if (idLength > 0)
        {
            return EnvelopeVerdict.UnknownKey;
        }

        var rest = bytes[(6 + idLength)..];
        var age = _time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(rest), 0, 1L << 46));
        envelope = new Envelope((MessageKind)bytes[4], new Guid(rest.Slice(8, 16)), BuildId.Read(rest[24..]), message[(FixedSize + idLength)..end]);
        return age > _oldest || age < -s_skew ? EnvelopeVerdict.TooOld : EnvelopeVerdict.Valid;
    }

    private void Sign(byte[] secret, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(_cluster);
        hash.AppendData(message);
        hash.GetHashAndReset(mac);
    }
}
