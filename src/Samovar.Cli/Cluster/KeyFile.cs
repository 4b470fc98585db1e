using System.Security.Cryptography;

namespace Samovar.Cli.Cluster;

/// <summary>Reads and makes the keys of a cluster. A key file has a key a line, <c>name:secret</c> with the secret in Base64; the first one signs. Empty
/// lines and lines that begin with <c>#</c> are skipped.</summary>
internal static class KeyFile
{
    private const int SecretLength = 32;

    /// <exception cref="UsageException">The file cannot be read, or has no valid keys.</exception>
    public static ClusterKeys Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the key file cannot be read: {error.Message}");
        }

        string[] keys = [.. lines.Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#')];
        if (keys.Length == 0) throw new UsageException($"the key file {path} has no key. 'samovar cluster key' creates one.");
        return Parse(string.Join(',', keys), $"the key file {path}");
    }

    /// <param name="text">Keys, separated by commas.</param>
    /// <param name="source">Where the text comes from, for errors.</param>
    /// <exception cref="UsageException">The text has another form. The message does not contain it.</exception>
    public static ClusterKeys Parse(string text, string source)
    {
        try
        {
            return ClusterKeys.Parse(text);
        }
        catch (FormatException error)
        {
            throw new UsageException($"{source} is not valid: {Plain(error.Message)} 'samovar cluster key' creates one.");
        }
    }

    /// <summary>Returns the line of a new random key.</summary>
    /// <param name="name">The public name of the key.</param>
    public static string NewKey(string name) => $"{name}:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength))}";

    /// <summary>Writes a key to a new file that only its user can read.</summary>
    /// <exception cref="UsageException">The file exists, or cannot be written.</exception>
    public static void Create(string path, string line)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new StreamWriter(path, options);
            file.Write($"{line}\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                File.Exists(path) ? $"{path} exists, and members may use the keys in it. Choose another file, or remove it." : $"the key cannot be written: {error.Message}");
        }
    }

    // .NET appends the name of the parameter, which is not the user's.
    private static string Plain(string message) => message.Split(" (Parameter '", 2)[0];
}
