using System.Collections.Frozen;

namespace Samovar;

/// <summary>The secret keys with which the members of a cluster sign their messages (HMAC-SHA256). Members accept only messages that are signed with a key
/// they know. Immutable.</summary>
/// <remarks>Code travels in the messages: with a key, a program can run code on every node of the cluster. To replace a key without an interruption,
/// first let all members accept the new one (<see cref="Accept"/>), then sign with it, then remove the old one.</remarks>
public sealed class ClusterKeys
{
    /// <summary>The shortest secret, in bytes.</summary>
    private const int ShortestSecret = 16;

    private const int LongestId = 64;

    private readonly FrozenDictionary<string, byte[]> _secrets;

    /// <summary>Initializes a ring with one key, which signs and is accepted.</summary>
    /// <param name="id">The public name of the key: 1 to 64 letters, digits, hyphens or underscores.</param>
    /// <param name="secret">The secret, at least 16 bytes; 32 random bytes are recommended.</param>
    /// <exception cref="ArgumentException">The name is not valid, or the secret is too short.</exception>
    public ClusterKeys(string id, ReadOnlySpan<byte> secret)
        : this(RequireId(id), new Dictionary<string, byte[]>(StringComparer.Ordinal) { [id] = RequireSecret(secret) })
    {
    }

    private ClusterKeys(string signing, Dictionary<string, byte[]> secrets)
    {
        SigningId = signing;
        _secrets = secrets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Gets the name of the key that signs.</summary>
    public string SigningId { get; }

    /// <summary>Gets the names of all keys that are accepted.</summary>
    public IReadOnlyCollection<string> AcceptedIds => _secrets.Keys;

    /// <summary>Returns a ring that also accepts messages that are signed with another key.</summary>
    /// <param name="id">The public name of the other key.</param>
    /// <param name="secret">The secret of the other key.</param>
    /// <returns>The new ring.</returns>
    /// <exception cref="ArgumentException">The name or the secret is not valid, or the ring has another secret under this name.</exception>
    public ClusterKeys Accept(string id, ReadOnlySpan<byte> secret)
    {
        RequireId(id);
        byte[] added = RequireSecret(secret);
        if (_secrets.TryGetValue(id, out byte[]? known) && !known.AsSpan().SequenceEqual(added))
            throw new ArgumentException($"The ring has another secret for the key '{id}'. Give the new key another name.", nameof(id));
        return new ClusterKeys(SigningId, new Dictionary<string, byte[]>(_secrets, StringComparer.Ordinal) { [id] = added });
    }

    /// <summary>Reads a ring from text, such as an environment variable.</summary>
    /// <param name="text">The keys, separated by commas, each as <c>name:secret</c> with the secret in Base64. The first one signs.</param>
    /// <returns>The ring.</returns>
    /// <exception cref="FormatException">The text does not have this form. The message does not contain the secrets.</exception>
    public static ClusterKeys Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ClusterKeys? ring = null;
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            int colon = parts[i].IndexOf(':', StringComparison.Ordinal);
            byte[] secret = new byte[parts[i].Length];
            if (colon < 1 || !Convert.TryFromBase64String(parts[i][(colon + 1)..], secret, out int length))
                throw new FormatException($"Key {i + 1} of {parts.Length} does not have the form name:secret, where the secret is Base64 text.");
            try
            {
                string id = parts[i][..colon];
                ring = ring is null ? new ClusterKeys(id, secret.AsSpan(0, length)) : ring.Accept(id, secret.AsSpan(0, length));
            }
            catch (ArgumentException error)
            {
                throw new FormatException($"Key {i + 1} of {parts.Length} is not valid: {error.Message}", error);
            }
        }

        return ring!;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{SigningId} of {_secrets.Count}"; // never a secret

    internal byte[]? Find(string id) => _secrets.GetValueOrDefault(id);

    private static string RequireId(string id)
    {
        if (id is { Length: >= 1 and <= LongestId } && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return id;
        throw new ArgumentException($"'{id}' is not a valid name of a key: use 1 to {LongestId} letters (a-z), digits, hyphens or underscores.", nameof(id));
    }

    private static byte[] RequireSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.Length >= ShortestSecret) return secret.ToArray();
        throw new ArgumentException($"The secret has {secret.Length} bytes, but at least {ShortestSecret} are needed. Use 32 random bytes.", nameof(secret));
    }
}
