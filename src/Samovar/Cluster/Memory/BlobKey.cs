namespace Samovar.Cluster.Memory;

/// <summary>Checks the keys of blobs.</summary>
internal static class BlobKey
{
    public static void Require(string key)
    {
        if (key is { Length: >= 1 and <= 128 } && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return;
        throw new ArgumentException($"'{key}' is not a valid key of a blob: use 1 to 128 letters (a-z), digits, hyphens or underscores.", nameof(key));
    }
}
