using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>The words and phrases of StopList.txt, whose head describes the format.</summary>
internal sealed partial class StopList
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30); // for one file and one pattern, on a busy machine

    private readonly List<(Regex Pattern, string Advice)> _rules = [];
    private readonly List<(string Path, string Text)> _exemptions = [];
    private readonly Regex _any; // most files have no match at all, and need one search only

    public StopList(IEnumerable<string> lines)
    {
        var patterns = new List<string>();
        foreach (string line in lines.Where(static line => line.Length > 0 && line[0] != '#'))
        {
            string[] fields = line.Split('\t');
            if (fields.Any(string.IsNullOrWhiteSpace)) throw new FormatException($"A field is empty: {line}");
            switch (fields)
            {
                case [var path, var text, _] when path[0] == '!':
                    _exemptions.Add((path[1..].Trim(), text));
                    break;
                case [var pattern, var advice] when pattern[0] != '!':
                    patterns.Add(pattern.Replace(" ", @"[\s*_]+", StringComparison.Ordinal)); // emphasis does not hide a phrase
                    _rules.Add((WholeWords(patterns[^1]), advice));
                    break;
                default:
                    throw new FormatException($"Neither a pattern with its advice nor a path with a text and a reason: {line}");
            }
        }

        _any = WholeWords(string.Join('|', patterns));
    }

    /// <summary>Gets the exemptions, each as the path of its file and the text that may stay there.</summary>
    public IReadOnlyList<(string Path, string Text)> Exemptions => _exemptions;

    /// <summary>Finds the matches in the prose of a file.</summary>
    /// <param name="path">The file's path relative to the root; <c>.cs</c> is C#, all else Markdown.</param>
    /// <param name="source">The file's text.</param>
    public IEnumerable<StopListHit> Find(string path, string source)
    {
        string prose = path.EndsWith(".cs", StringComparison.Ordinal) ? CSharpProse.Of(source) : MarkdownProse.Of(source);
        if (!_any.IsMatch(prose)) return [];

        string[] lines = source.Split('\n');
        return
            from rule in _rules
            from Match match in rule.Pattern.Matches(prose)
            let line = prose.AsSpan(0, match.Index).Count('\n')
            where !_exemptions.Any(exempt => exempt.Path == path && lines[line].Contains(exempt.Text, StringComparison.Ordinal)
                && exempt.Text.Contains(match.Value, StringComparison.Ordinal))
            orderby line
            select new StopListHit(path, line + 1, Spaces().Replace(match.Value, " "), rule.Advice);
    }

    private static Regex WholeWords(string pattern) =>
        new($@"(?<!\w)(?:{pattern})(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, s_limit);

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}

/// <summary>A match of the stop list.</summary>
/// <param name="Path">The file's path relative to the root.</param>
/// <param name="Line">The line on which the match begins, from 1.</param>
/// <param name="Text">The matched text, on one line.</param>
/// <param name="Advice">What to write instead.</param>
internal sealed record StopListHit(string Path, int Line, string Text, string Advice)
{
    /// <summary>Gets the folder of the file, relative to the root.</summary>
    public string Folder => Path.LastIndexOf('/') is > 0 and var end ? Path[..end] : ".";

    /// <inheritdoc/>
    public override string ToString() => $"{Path}:{Line}: \"{Text}\": {Advice}";
}
