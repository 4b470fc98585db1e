namespace Samovar.Cli.Map.Outputs;

/// <summary>Prevents a second run from writing to a file that is open here, with a record lock, which does not affect readers.</summary>
/// <remarks>On Windows, <see cref="FileShare.Read"/> excludes other writers. A file system without record locks (NFS without its lock
/// service, some FUSE file systems) rejects every lock, so a failure there does not mean that another run holds it.</remarks>
internal static class WriterLock
{
    private const int Again = 11; // EAGAIN, the HResult of the framework's exception: another process holds the lock

    /// <summary>Locks the file until it is closed.</summary>
    /// <returns>Null if the file is locked or needs no lock; otherwise, why it cannot be locked.</returns>
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
            throw new IOException("Another process has locked it.", refusal); // EACCES, which some file systems return instead of EAGAIN
        }
        catch (IOException refusal) when (refusal.HResult != Again)
        {
            return TextFormat.FirstLine(refusal.Message).Split(" : '", 2)[0].TrimEnd('.'); // without the path that the framework appends
        }
    }
}
