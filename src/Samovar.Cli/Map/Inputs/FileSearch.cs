using System.IO.Enumeration;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Finds files by patterns such as <c>src/**/*.cs</c>; a pattern after <c>!</c> excludes the files it matches.</summary>
/// <remarks>Files are sorted by name, so that the same files have the same numbers in every run. Symbolic links to folders are not
/// followed, because they can form cycles.</remarks>
internal static class FileSearch
{
    /// <param name="patterns">The patterns to include and, after <c>!</c>, to exclude.</param>
    /// <param name="own">Full paths of files that are never included, such as the run's own outputs.</param>
    /// <param name="say">Called with a message about a pattern without effect.</param>
    /// <param name="leftOut">Receives matches that cannot be items, and folders that cannot be searched, each with the reason.</param>
    /// <exception cref="UsageException">A pattern's folder does not exist or cannot be read, or a pattern is ambiguous.</exception>
    public static IReadOnlyList<string> Find(
        IReadOnlyList<string> patterns, IReadOnlyList<string> own, Action<string>? say = null, List<string>? leftOut = null)
    {
        if (patterns.FirstOrDefault(p => p.StartsWith('!') && File.Exists(p)) is { } both)
        {
            throw new UsageException(
                $"'{both}' is ambiguous: it is an existing file, and a pattern that excludes '{both[1..]}'. Write './{both}' for the file, "
                + $"or '!./{both[1..]}' for the pattern.");
        }

        string[] without = [.. patterns.Where(p => p.StartsWith('!')).Select(p => p[1..])];
        var closed = without.Where(p => p.EndsWith("/**", StringComparison.Ordinal) && Glob.FindWildcard(p) == p.Length - 2)
            .Select(p => Path.GetFullPath(p[..^3])).ToHashSet(StringComparer.Ordinal);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var lost = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string pattern in patterns.Where(p => !p.StartsWith('!'))) found.UnionWith(Match(pattern, closed, lost));
        foreach (string pattern in without)
        {
            Predicate<string> matches = Matches(pattern);
            if (found.RemoveWhere(matches) + lost.RemoveWhere(folder => matches(Path.Combine(folder, "any"))) == 0 && Glob.FindWildcard(pattern) < 0)
            {
                say?.Invoke(
                    $"'!{pattern}' excludes nothing. To exclude all folders of that name, write '!**/{Path.GetFileName(pattern.TrimEnd('/'))}/**'.");
            }
        }

        leftOut?.AddRange(lost.Select(folder => $"the folder '{folder}': its name is not UTF-8"));
        if (own.Count > 0) found.RemoveWhere(path => own.Contains(Path.GetFullPath(path)));
        var files = new List<string>(found.Count);
        foreach (string path in found)
        {
            if (FileKinds.WhyNot(path) is { } why) leftOut?.Add($"'{path}' {why}");
            else files.Add(path);
        }

        return files;
    }

    // An excluding pattern causes no search, and its folder need not exist.
    private static Predicate<string> Matches(string pattern)
    {
        (string root, string glob) = Split(pattern);
        if (glob.Length == 0) return path => Path.GetFullPath(path) == Path.GetFullPath(root);
        var matcher = new Glob(glob);
        if (root.Length == 0 && glob.StartsWith("**/", StringComparison.Ordinal))
            return path => matcher.IsMatch(Slashes(path[Path.GetPathRoot(path)!.Length..])); // relative to any search root
        string folder = Path.GetFullPath(root.Length == 0 ? "." : root).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        return path => Path.GetFullPath(path) is var full && full.StartsWith(folder, StringComparison.Ordinal)
            && matcher.IsMatch(Slashes(full[folder.Length..]));
    }

    private static IEnumerable<string> Match(string pattern, HashSet<string> closed, SortedSet<string> lost)
    {
        if (File.Exists(pattern) && !Glob.LeadsOut(pattern)) return [pattern]; // a shell has expanded it: wildcard characters are literal
        (string root, string glob) = Split(pattern);
        if (glob.Length == 0) throw new UsageException($"There is no file '{pattern}'.");
        string folder = root.Length == 0 ? "." : root;
        if (!Directory.Exists(folder)) throw new UsageException($"There is no folder '{folder}', in which '{pattern}' starts.");

        var matcher = new Glob(glob);
        return All(pattern, folder, glob, closed, lost).Where(path => matcher.IsMatch(Slashes(path))).Select(path => Path.Combine(root, path));
    }

    private static string Slashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;

    private static List<string> All(string pattern, string folder, string glob, HashSet<string> closed, SortedSet<string> lost)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = glob.Contains("**", StringComparison.Ordinal) ? int.MaxValue : glob.Count(c => c == '/'),
            IgnoreInaccessible = false,
            AttributesToSkip = default,
        };
        int prefix = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar).Length + 1;
        try
        {
            return
            [
                .. new FileSystemEnumerable<string>(Path.GetFullPath(folder), (ref entry) => entry.ToFullPath()[prefix..], options)
                {
                    ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
                    ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == FileAttributes.None
                        && (closed.Count == 0 || !closed.Contains(entry.ToFullPath()))
                        && !IsLost(ref entry, folder, prefix, lost),
                },
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{pattern}' cannot be searched: {e.Message} Exclude that folder with '!FOLDER/**'.");
        }
    }

    // The runtime cannot enter a folder whose name has undecodable bytes, and reports no error.
    private static bool IsLost(ref FileSystemEntry entry, string folder, int prefix, SortedSet<string> lost)
    {
        string path = entry.ToFullPath();
        if (!FileKinds.IsUndecodable(path)) return false;
        lost.Add(Path.Combine(folder, path[prefix..]));
        return true;
    }

    // The folder before the first wildcard, and the pattern within it.
    private static (string Root, string Glob) Split(string pattern)
    {
        string unified = OperatingSystem.IsWindows() ? pattern.Replace('\\', '/') : pattern;
        int wild = Glob.FindWildcard(unified);
        if (wild < 0) return Directory.Exists(unified) ? (unified, "**") : (unified, "");
        int slash = unified.LastIndexOf('/', wild);
        return slash < 0 ? ("", unified) : slash == 0 ? ("/", unified[1..]) : (unified[..slash], unified[(slash + 1)..]);
    }
}
