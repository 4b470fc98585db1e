namespace Samovar.Processes.Launch;

/// <summary>Starts threads that workers cannot run without.</summary>
internal static class LibraryThread
{
    /// <summary>Starts a thread without flowing the execution context.</summary>
    /// <exception cref="IOException">The system cannot create a thread.</exception>
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
                "descriptors (ulimit -n) are possible causes.", error);
        }
    }
}
