namespace Samovar.Cli.Map.Targets;

/// <summary>A lock between processes that serializes builds: two concurrent builds of a project or file delete each other's files. The lock is
/// released when the process that holds it exits, however it exits.</summary>
internal static class BuildLock
{
    /// <summary>The environment variable that passes the held locks to a build. Without it, a build that runs <c>samovar map</c> itself would
    /// deadlock.</summary>
    public const string Variable = "SAMOVAR_BUILD";

    private const int SharingViolation = unchecked((int)0x80070020); // on Windows

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly int s_wouldBlock = OperatingSystem.IsLinux() ? 11 : 35; // EWOULDBLOCK, the HResult of the framework's exception

    /// <summary>Acquires the lock.</summary>
    /// <param name="path">The lock file, which is not deleted.</param>
    /// <param name="waits">Called once if another process holds the lock.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The handle that releases the lock when disposed.</returns>
    /// <exception cref="UsageException">The lock file cannot be created.</exception>
    public static Task<IDisposable> EnterAsync(string path, Action waits, CancellationToken cancellation) => EnterAsync(path, "", waits, cancellation);

    /// <summary>Acquires the lock, with a hint in the error message.</summary>
    /// <param name="path">The lock file, which is not deleted.</param>
    /// <param name="hint">What the user can do about the error.</param>
    /// <param name="waits">Called once if another process holds the lock.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The handle that releases the lock when disposed.</returns>
    /// <exception cref="UsageException">The lock file cannot be created.</exception>
    public static async Task<IDisposable> EnterAsync(string path, string hint, Action waits, CancellationToken cancellation)
    {
        if (Holds(Environment.GetEnvironmentVariable(Variable), path)) return Stream.Null; // the build that started this process holds it
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return Open(path);
            }
            catch (IOException busy) when (busy.HResult == s_wouldBlock || busy.HResult == SharingViolation)
            {
                if (isFirst) waits();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"The lock file {path} cannot be created: {Outputs.TextFormat.FirstLine(error.Message)} {hint}".TrimEnd());
            }

            await Task.Delay(s_look, cancellation);
        }
    }

    /// <summary>Returns the value of <see cref="Variable"/> for a build.</summary>
    /// <param name="held">Its value in this process.</param>
    /// <param name="path">The lock under which the build runs.</param>
    public static string With(string? held, string path) => string.IsNullOrEmpty(held) ? path : $"{held}{Path.PathSeparator}{path}";

    /// <summary>Returns whether a lock is among those in the value of <see cref="Variable"/>.</summary>
    public static bool Holds(string? held, string path) =>
        $"{Path.PathSeparator}{held}{Path.PathSeparator}".Contains($"{Path.PathSeparator}{path}{Path.PathSeparator}", StringComparison.Ordinal);

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            // Another user has created the file; read access is enough to lock it.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
        }
    }
}
