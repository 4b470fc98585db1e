namespace Samovar.Cli.Map.Targets;

/// <summary>Where built C# files are kept: <c>SAMOVAR_CACHE</c>, or a folder in the user's cache. A build that nobody has used for a month
/// is removed.</summary>
/// <remarks>A build goes to a folder of its own, which is then renamed: whoever sees the folder sees all of it.</remarks>
internal static class BuildCache
{
    private const string Hint = "SAMOVAR_CACHE names another folder.";

    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private static string Root =>
        Environment.GetEnvironmentVariable("SAMOVAR_CACHE") is { Length: > 0 } told ? Path.GetFullPath(told)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache) ? Path.Combine(cache, "samovar", "map")
        : Path.Combine(Home, ".cache", "samovar", "map");

    /// <summary>A home for the SDK and its package cache, which need one, where the user's is no folder; null where there is one.</summary>
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

    private static string Home => UserHome ?? throw new UsageException($"There is no folder to keep builds in: HOME is '{Environment.GetEnvironmentVariable("HOME")}', which is no folder that can be read. "
            + "Set HOME, or SAMOVAR_CACHE to a folder for builds.");

    // Where HOME names no folder, the framework returns an empty path, which would be the current folder. For a user without HOME and without
    // an entry in the password file, as containers with an arbitrary user id have, it returns the root, which such a user cannot write to.
    private static string? UserHome
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return home.Length == 0 || home == "/" && !CanWriteTo(home) ? null : home;
        }
    }

    /// <summary>The path of a build's folder, or of another file of the cache, whether it is there or not.</summary>
    public static string FolderOf(string name) => Path.Combine(Root, name);

    /// <summary>The path of what a build has made, which counts as used; null where it is not there.</summary>
    public static string? Find(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path)) return null;
        MarkUsed(folder);
        return path;
    }

    /// <summary>Makes the folder for a build under way.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
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
            // A folder of another user serves as well; it is for its owner to clear.
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
            throw new UsageException($"Builds cannot be kept in {Root}: {Outputs.TextFormat.FirstLine(e.Message)} {Hint}");
        }
    }

    /// <summary>Waits for a turn to build what the cache keeps, or what stands under a name in it.</summary>
    /// <param name="path">The lock, from <see cref="FolderOf"/>.</param>
    /// <param name="waits">Called once where another process has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="UsageException">The lock cannot be made.</exception>
    public static Task<IDisposable> EnterAsync(string path, Action waits, CancellationToken cancellation) => BuildLock.EnterAsync(path, Hint, waits, cancellation);

    /// <summary>Puts a finished build in its place, and removes those that are out of use.</summary>
    public static void Publish(string fresh, string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) Directory.Move(fresh, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another run has built the same meanwhile: its result is as good.
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
            // Gone already, or in use: the next build tries again.
        }
    }
}
