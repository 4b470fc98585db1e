using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>Reads a Markdown file without its code.</summary>
/// <remarks>Code spans, code blocks and the targets of links become <see cref="CSharpProse.Code"/>.</remarks>
internal static partial class MarkdownProse
{
    private static readonly string[] s_languages = ["csharp", "cs", "fsharp", "python", "json", "xml", "js", "javascript"];

    /// <summary>Returns the prose, which has as many lines as the file.</summary>
    public static string Of(string source)
    {
        string prose = Block().Replace(source, static block =>
            IsCode(block.Groups["language"].Value) ? Blank(block.Value) : block.Value.Replace('`', ' '));
        prose = Span().Replace(prose, static span => Blank(span.Value));
        prose = Target().Replace(prose, static target => Blank(target.Value));
        return Quote().Replace(prose, static quote => new string(' ', quote.Length));
    }

    private static bool IsCode(string language) => s_languages.Contains(language, StringComparer.OrdinalIgnoreCase);

    private static string Blank(string code) => CSharpProse.Code + new string('\n', code.Count(static c => c == '\n')) + CSharpProse.Code;

    // A block of another language, or of none, is a terminal session or a table: prose.
    [GeneratedRegex(@"^[ \t]*(?<fence>`{3,})(?<language>[\w+-]*)[^\n]*\n.*?^[ \t]*\k<fence>[ \t]*$",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Block();

    // Within a paragraph.
    [GeneratedRegex(@"(?<!`)(?<ticks>`+)(?!`)((?!\n\n).)+?(?<!`)\k<ticks>(?!`)",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\([^)\s]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Target();

    [GeneratedRegex(@"^[ \t]*>+", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Quote();
}
