using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Programs;

/// <summary>The programs that the nodes of this machine have received, each in a folder with the name of its build. Thread-safe; several processes may use
/// the same store.</summary>
/// <remarks>A program is unpacked into a folder of another name, which is renamed when it is complete. A node that uses a program holds its manifest open for
/// reading. A program that was not used for a month is removed by a node that can open its manifest alone.</remarks>
internal sealed class ProgramStore
{
    private const string ManifestName = ".samovar-package";
    private const string Temporary = ".tmp";

    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private readonly string? _root;

    /// <summary>Initializes a store.</summary>
    /// <param name="root">The folder; null for one in the cache folder of the user.</param>
    public ProgramStore(string? root) => _root = root;

    /// <summary>Returns a program; null if it is not in the store.</summary>
    public ProgramFolder? Find(BuildId build)
    {
        string folder = Path.Combine(Root(), build.ToHexadecimal());
        FileStream? manifest = null;
        try
        {
            manifest = new FileStream(Path.Combine(folder, ManifestName), FileMode.Open, FileAccess.Read, FileShare.Read);
            byte[] bytes = new byte[manifest.Length];
            manifest.ReadExactly(bytes);
            var found = new ProgramFolder(folder, PackageManifest.Read(bytes), manifest);
            File.SetLastWriteTimeUtc(manifest.SafeFileHandle, TimeProvider.System.GetUtcNow().UtcDateTime);
            return found;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            manifest?.Dispose();
            return null;
        }
        catch
        {
            manifest?.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks a program into the store.</summary>
    /// <param name="build">The build.</param>
    /// <param name="hash">The hash of the manifest that is expected.</param>
    /// <param name="package">The package.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="IOException">The package cannot be read, or the folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">The package is not the expected one.</exception>
    public async Task<ProgramFolder> AddAsync(BuildId build, ReadOnlyMemory<byte> hash, Stream package, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(Root(), build.ToHexadecimal());
        string temporary = $"{folder}.{Guid.NewGuid():N}{Temporary}";
        CreatePrivate(temporary);
        try
        {
            byte[] manifest = await PackageStream.ReadAsync(package, hash, temporary, cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(temporary, ManifestName), manifest, cancellationToken).ConfigureAwait(false);
            Publish(temporary, folder);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }

        return Find(build) ?? throw new IOException($"The program in {folder} was removed while it was being stored. Another program deletes files of the store.");
    }

    /// <summary>Removes programs that were not used for a month, and what an interrupted node has left.</summary>
    /// <param name="now">The time in UTC.</param>
    public void RemoveUnused(DateTime now)
    {
        foreach (string folder in Directory.EnumerateDirectories(Root()))
        {
            try
            {
                RemoveIfUnused(folder, now);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It is in use, or another process removes it too.
            }
        }
    }

    private static void RemoveIfUnused(string folder, DateTime now)
    {
        if (folder.EndsWith(Temporary, StringComparison.Ordinal))
        {
            if (now - Directory.GetLastWriteTimeUtc(folder) > s_kept) Directory.Delete(folder, recursive: true);
            return;
        }

        string manifest = Path.Combine(folder, ManifestName);
        if (!File.Exists(manifest) || now - File.GetLastWriteTimeUtc(manifest) <= s_kept) return;
        using var alone = new FileStream(manifest, FileMode.Open, FileAccess.Read, FileShare.None);
        Directory.Delete(folder, recursive: true);
    }

    private static void Publish(string temporary, string folder)
    {
        try
        {
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another node of this machine has stored the same program.
        }
    }

    // Only this user may write here: workers run what is in these folders.
    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Root()
    {
        string root = _root ?? DefaultRoot();
        if (!Directory.Exists(root)) CreatePrivate(root);
        return root;
    }

    private static string DefaultRoot()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache)) return Path.Combine(cache, "samovar", "programs");
        string home = Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
        {
            throw new InvalidOperationException(
                $"The user of the node has no home folder to keep programs in. Set {nameof(ClusterNodeOptions)}.{nameof(ClusterNodeOptions.ProgramFolder)}, or the environment variable XDG_CACHE_HOME.");
        }

        return OperatingSystem.IsWindows() ? Path.Combine(home, "samovar", "programs") : Path.Combine(home, ".cache", "samovar", "programs");
    }
}
