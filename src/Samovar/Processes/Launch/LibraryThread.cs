namespace Samovar.Processes.Launch;

/// <summary>Starts the threads without which no worker can run.</summary>
internal static class LibraryThread
{
    /// <summary>Starts a thread to which nothing flows.</summary>
    /// <exception cref="IOException">The system has no thread to give.</exception>
    public static void Start(Thread thread)
    {
        try
        {
            thread.UnsafeStart();
        }
        catch (OutOfMemoryException error)
        {
            throw new IOException(
                "no thread can be started. Limits on processes, which count threads (ulimit -u, pids.max), on memory (ulimit -v) and on " +
                "descriptors (ulimit -n) show here.", error);
        }
    }
}
