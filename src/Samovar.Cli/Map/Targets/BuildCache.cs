namespace Samovar.Cli.Map.Targets;

/// <summary>The cache of built C# files: <c>SAMOVAR_CACHE</c>, or a folder in the user's cache. A build that has not been used for a month is
/// removed.</summary>
/// <remarks>A build writes to a temporary folder, which is then renamed, so a published folder is always complete.</remarks>
internal static class BuildCache
{
    private const string Hint = "Set SAMOVAR_CACHE to another folder.";

    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private static string Root =>
        Environment.GetEnvironmentVariable("SAMOVAR_CACHE") is { Length: > 0 } folder ? Path.GetFullPath(folder)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache) ? Path.Combine(cache, "samovar", "map")
        : Path.Combine(Home, ".cache", "samovar", "map");

    /// <summary>Gets a home directory for the SDK and its package cache, which need one; null if the user has one.</summary>
    public static string? HomeForBuilds
    {
        get
        {
            if (UserHome is not null) return null;
            string home = Make(FolderOf("home"));
            MarkUsed(home);
            return home;
        }
    }

    private static string Home => UserHome ?? throw new UsageException(
        $"There is no folder for builds: HOME is '{Environment.GetEnvironmentVariable("HOME")}', which is not a usable folder. "
        + "Set HOME, or set SAMOVAR_CACHE to a folder for builds.");

    // If HOME is not a folder, the framework returns an empty path, which would mean the current folder. For a user without HOME and without an
    // entry in the password file, as in containers with an arbitrary user id, it returns the root, to which such a user cannot write.
    private static string? UserHome
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return home.Length == 0 || home == "/" && !CanWriteTo(home) ? null : home;
        }
    }

    /// <summary>Returns the path of a build's folder, or of another file of the cache. It need not exist.</summary>
    public static string FolderOf(string name) => Path.Combine(Root, name);

    /// <summary>Returns the path of a file that a build has produced, and marks the build as used; null if there is no such file.</summary>
    public static string? Find(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path)) return null;
        MarkUsed(folder);
        return path;
    }

    /// <summary>Creates a temporary folder for a build.</summary>
    /// <exception cref="UsageException">The folder cannot be created.</exception>
    public static string MakeFresh(string folder) => Make($"{folder}.{Environment.ProcessId}");

    private static bool CanWriteTo(string folder)
    {
        try
        {
            string probe = Path.Combine(folder, $".samovar.{Environment.ProcessId}");
            using FileStream file = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void MarkUsed(string folder)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder belongs to another user and can still be used; only its owner removes it.
        }
    }

    private static string Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The build folder {Root} cannot be created: {Outputs.TextFormat.FirstLine(e.Message)} {Hint}");
        }
    }

    /// <summary>Acquires a build lock of the cache.</summary>
    /// <param name="path">The lock file, from <see cref="FolderOf"/>.</param>
    /// <param name="waits">Called once if another process holds the lock.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UsageException">The lock file cannot be created.</exception>
    public static Task<IDisposable> EnterAsync(string path, Action waits, CancellationToken cancellation) => BuildLock.EnterAsync(path, Hint, waits, cancellation);

    /// <summary>Publishes a finished build, and removes builds that have not been used for a month.</summary>
    public static void Publish(string fresh, string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) Directory.Move(fresh, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another run has published the same build meanwhile, which is equivalent.
        }

        DateTime oldest = TimeProvider.System.GetUtcNow().UtcDateTime - s_kept;
        foreach (string other in Directory.EnumerateDirectories(Root))
        {
            if (Directory.GetLastWriteTimeUtc(other) < oldest) Remove(other);
        }
    }

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Already removed, or in use; the next build tries again.
        }
    }
}
