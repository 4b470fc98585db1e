namespace Samovar.Cache.Storage;

/// <summary>The files of larger results: one for each, with a name of its own, so that no process replaces a file that another has in its index.</summary>
/// <param name="folder">The folder of the files.</param>
internal sealed class ResultFiles(string folder)
{
    private const string Unfinished = ".tmp";

    /// <summary>A file without a row may belong to a process that is about to add the row; after this time it does not.</summary>
    private static readonly TimeSpan grace = TimeSpan.FromHours(1);

    /// <summary>Writes a file. Returns its name.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Write(ReadOnlySpan<byte> bytes)
    {
        string name = $"{Guid.NewGuid():n}";
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllBytes(path + Unfinished, bytes);
            File.Move(path + Unfinished, path);
        }
        catch
        {
            Delete(name + Unfinished);
            throw;
        }

        return name;
    }

    /// <summary>Reads a file; null if it is gone: another process has removed the result.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return File.ReadAllBytes(PathOf(name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Deletes a file that no row has any more. One that cannot be deleted now is deleted by <see cref="DeleteStrays"/> later.</summary>
    public void Delete(string name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process reads it, on a system where that keeps it.
        }
    }

    /// <summary>Deletes the files that no row has, which processes left that ended in between.</summary>
    public void DeleteStrays(HashSet<string> known, DateTimeOffset now)
    {
        if (!Directory.Exists(folder)) return;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
            {
                if (!known.Contains(file.Name) && now.UtcDateTime - file.LastWriteTimeUtc > grace) Delete(file.Name);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder was removed meanwhile, or cannot be listed. The next time tries again; results do not depend on it.
        }
    }

    // The name comes from the index, which may be damaged: it must not lead out of the folder.
    private string PathOf(string name) => Path.Combine(folder, Path.GetFileName(name));
}
