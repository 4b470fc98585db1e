using System.Globalization;

namespace Samovar.Cli.Map;

/// <summary>What a key of the cache contains of a file: its size and last change.</summary>
internal static class FileState
{
    /// <summary>Returns the state of a file, or of that to which a link leads; null if there is no such file.</summary>
    public static string? Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) return null;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            if (file.LinkTarget is not null) file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return file is null || !file.Exists ? null : string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks} ");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // a circle of links, or a file that was removed meanwhile: the key is that of a file that does not exist
        }
    }
}
