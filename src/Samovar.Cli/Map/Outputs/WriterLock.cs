namespace Samovar.Cli.Map.Outputs;

/// <summary>Keeps a second run from writing to a file while it is open here: a record lock, which no reader minds.</summary>
/// <remarks>On Windows <see cref="FileShare.Read"/> keeps other writers away. A file system that has no record locks (NFS without its lock
/// service, some of FUSE) refuses them to everyone, so there a refusal says nothing about another run.</remarks>
internal static class WriterLock
{
    private const int Again = 11; // EAGAIN, as the framework's errors carry it: another process has the lock

    /// <summary>Takes it, until the file is closed.</summary>
    /// <returns>Why the file cannot be locked at all; null where it is locked, or is none that needs it.</returns>
    /// <exception cref="IOException">Another process holds the lock.</exception>
    public static string? Take(FileStream file, string path)
    {
        if (!OperatingSystem.IsLinux() || path.StartsWith("/dev/", StringComparison.Ordinal)) return null;
        try
        {
            file.Lock(0, 0);
            return null;
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new IOException("Another process has locked it.", refusal); // EACCES, which some file systems give in the place of EAGAIN
        }
        catch (IOException refusal) when (refusal.HResult != Again)
        {
            return TextFormat.FirstLine(refusal.Message).Split(" : '", 2)[0].TrimEnd('.'); // the framework adds the path
        }
    }
}
