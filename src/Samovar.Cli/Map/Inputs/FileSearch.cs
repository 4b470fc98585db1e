using System.IO.Enumeration;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Finds files by patterns such as <c>src/**/*.cs</c>; a pattern after <c>!</c> leaves out what it matches.</summary>
/// <remarks>In the order of their names, so that the same files have the same numbers in every run. Symbolic links to folders are not
/// followed: they may lead round in circles.</remarks>
internal static class FileSearch
{
    /// <param name="patterns">What the user wants, and does not want.</param>
    /// <param name="own">Full paths of files that are not meant, whatever matches them.</param>
    /// <param name="say">Gets a line about a word that does nothing.</param>
    /// <param name="leftOut">Gets what matches and cannot be an item, or cannot be searched, each with its reason.</param>
    /// <exception cref="UsageException">A pattern's folder is not there, holds what cannot be read, or could mean two things.</exception>
    public static IReadOnlyList<string> Find(
        IReadOnlyList<string> patterns, IReadOnlyList<string> own, Action<string>? say = null, List<string>? leftOut = null)
    {
        if (patterns.FirstOrDefault(p => p.StartsWith('!') && File.Exists(p)) is { } both)
        {
            throw new UsageException(
                $"'{both}' is a file here, and as a pattern leaves '{both[1..]}' out. Write './{both}' for the file, or '!./{both[1..]}' to leave the other out.");
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
                say?.Invoke($"'!{pattern}' leaves nothing out. '!**/{Path.GetFileName(pattern.TrimEnd('/'))}/**' leaves out folders of that name wherever they are.");
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

    // A pattern that leaves out is no reason to search, nor to complain of a folder that is not there.
    private static Predicate<string> Matches(string pattern)
    {
        (string root, string glob) = Split(pattern);
        if (glob.Length == 0) return path => Path.GetFullPath(path) == Path.GetFullPath(root);
        var matcher = new Glob(glob);
        if (root.Length == 0 && glob.StartsWith("**/", StringComparison.Ordinal))
            return path => matcher.IsMatch(Slashes(path[Path.GetPathRoot(path)!.Length..])); // wherever the search began
        string folder = Path.GetFullPath(root.Length == 0 ? "." : root).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        return path => Path.GetFullPath(path) is var full && full.StartsWith(folder, StringComparison.Ordinal)
            && matcher.IsMatch(Slashes(full[folder.Length..]));
    }

    private static IEnumerable<string> Match(string pattern, HashSet<string> closed, SortedSet<string> lost)
    {
        if (File.Exists(pattern) && !Glob.LeadsOut(pattern)) return [pattern]; // whatever characters its name has: a shell has found it
        (string root, string glob) = Split(pattern);
        if (glob.Length == 0) throw new UsageException($"There is no file '{pattern}'.");
        string folder = root.Length == 0 ? "." : root;
        if (!Directory.Exists(folder)) throw new UsageException($"There is no folder '{folder}', where '{pattern}' begins.");

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
            throw new UsageException($"'{pattern}' cannot be searched: {e.Message} Leave that folder out: '!FOLDER/**'.");
        }
    }

    // By a name with bytes that are no text the runtime finds nothing, and says nothing.
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
