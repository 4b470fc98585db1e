using System.Text;
using System.Text.RegularExpressions;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Matches paths with forward slashes: <c>*</c> and <c>?</c> within a name, <c>[a-z]</c> and <c>[!a-z]</c>, <c>{one,two}</c>, and
/// <c>**</c> for any number of folders.</summary>
internal sealed class Glob
{
    private const string AnyFolders = "(?:[^/]+/)*";

    private static readonly char[] s_wild = ['*', '?', '[', '{'];

    private readonly Regex _regex;

    /// <exception cref="UsageException">The pattern is malformed, or has <c>..</c> after a wildcard.</exception>
    public Glob(string pattern)
    {
        string[] parts = [.. pattern.Split('/').Where(p => p is not ("." or ""))];
        if (parts.Contains(".."))
            throw new UsageException($"'{pattern}' has .. after a wildcard, which is not supported. Put the folder before the wildcard.");
        // Without backtracking, so that matching takes time linear in the length of the name.
        RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline | (OperatingSystem.IsWindows() ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            _regex = new Regex(Translate(string.Join('/', parts)), options, Regex.InfiniteMatchTimeout);
        }
        catch (RegexParseException e)
        {
            throw new UsageException($"'{pattern}' is not a valid pattern: {e.Message}");
        }
    }

    /// <summary>Returns the index of the first wildcard of a pattern; -1 if it has none.</summary>
    public static int FindWildcard(string pattern) => pattern.IndexOfAny(s_wild);

    /// <summary>Returns whether <c>..</c> follows a wildcard. The framework removes both from a path, and would find other files.</summary>
    public static bool LeadsOut(string pattern) => FindWildcard(pattern) is var wild and >= 0 && pattern[wild..].Split('/', '\\').Contains("..");

    public bool IsMatch(string path) => _regex.IsMatch(path);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        int braces = 0;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            bool beginsName = i == 0 || pattern[i - 1] == '/';
            if (c == '*' && beginsName && Rest(pattern, i).StartsWith("**/", StringComparison.Ordinal))
            {
                regex.Append(AnyFolders);
                i += 2;
            }
            else if (c == '*' && beginsName && Rest(pattern, i) is "**")
            {
                regex.Append(AnyFolders).Append("[^/]+");
                i++;
            }
            else if (c == '[' && ClassEnd(pattern, i) is var end and > 0)
            {
                AppendClass(regex, pattern.AsSpan(i + 1, end - i - 1));
                i = end;
            }
            else if (c == '{' && Rest(pattern, i).Contains('}'))
            {
                regex.Append("(?:");
                braces++;
            }
            else if (c == '}' && braces > 0)
            {
                regex.Append(')');
                braces--;
            }
            else
            {
                regex.Append(c switch
                {
                    ',' when braces > 0 => "|",
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    _ => Regex.Escape(c.ToString()),
                });
            }
        }

        return regex.Append(@"\z").ToString();
    }

    private static ReadOnlySpan<char> Rest(string pattern, int from) => pattern.AsSpan(from);

    // A closing bracket that is first in a class is a member of it. Returns 0 if the class is never closed.
    private static int ClassEnd(string pattern, int open)
    {
        int first = open + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^') first++;
        int end = first + 1 < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
        return end > 0 && pattern.IndexOf('/', open, end - open) < 0 ? end : 0;
    }

    private static void AppendClass(StringBuilder regex, ReadOnlySpan<char> members)
    {
        bool isNegated = members[0] is '!' or '^';
        if (isNegated) members = members[1..];
        regex.Append(isNegated ? "[^/" : "[");
        for (int i = 0; i < members.Length; i++)
        {
            char c = members[i];
            bool isLiteral = c is '\\' or ']' or '[' or '^' || c == '-' && (i == 0 || i == members.Length - 1);
            if (isLiteral) regex.Append('\\');
            regex.Append(c);
        }

        regex.Append(isNegated ? "]" : "-[/]]");
    }
}
