using System.Text;
using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>Reads the comments and the string literals of a C# file.</summary>
/// <remarks>Code between them becomes <see cref="Code"/>. Line breaks stay, so that a position in the prose has its line, and so that a phrase
/// is found that extends over several lines of one comment.</remarks>
internal sealed partial class CSharpProse
{
    /// <summary>What code is replaced by: no part of a word, and not white space.</summary>
    public const char Code = '\0';

    private readonly string _source;
    private readonly StringBuilder _prose = new();
    private int _at;

    private CSharpProse(string source) => _source = source;

    /// <summary>Returns the prose, which has as many lines as the file.</summary>
    public static string Of(string source)
    {
        var prose = new CSharpProse(source);
        while (prose._at < source.Length) prose.ReadToken();
        return prose._prose.ToString();
    }

    private void ReadToken()
    {
        char c = _source[_at];
        if (c == '/' && Next("//")) ReadLineComment();
        else if (c == '/' && Next("/*")) ReadBlockComment();
        else if (c is '"' or '$' or '@' && LiteralStart().Match(_source, _at) is { Success: true } start) ReadLiteral(start);
        else if (c == '\'' && CharacterLiteral().Match(_source, _at) is { Success: true } character) AddCode(character.Length);
        else AddCode(1);
    }

    private void ReadLineComment()
    {
        int end = _source.IndexOf('\n', _at);
        string comment = _source[_at..(end < 0 ? _source.Length : end)];
        string text = comment.TrimStart('/');
        bool isDocumentation = comment.StartsWith("///", StringComparison.Ordinal);
        if (isDocumentation) text = Markup().Replace(text, static tag => tag.Groups["layout"].Success ? " " : "\0");
        _prose.Append(' ').Append(CodeSpan().Replace(text, "\0"));
        _at += comment.Length;
    }

    private void ReadBlockComment()
    {
        int end = _source.IndexOf("*/", _at + 2, StringComparison.Ordinal);
        end = end < 0 ? _source.Length : end + 2;
        _prose.Append(_source, _at + 2, Math.Max(0, end - _at - 4));
        _at = end;
    }

    private void ReadLiteral(Match start)
    {
        string prefix = start.Groups["prefix"].Value;
        bool isVerbatim = prefix.Contains('@', StringComparison.Ordinal);
        int quotes = isVerbatim || start.Groups["quotes"].Length < 3 ? 1 : start.Groups["quotes"].Length;
        AddCode(prefix.Length + quotes);

        int dollars = prefix.Count(static c => c == '$');
        if (quotes > 1) ReadRaw(new string('"', quotes), dollars);
        else ReadQuoted(isVerbatim, dollars > 0);
    }

    private void ReadRaw(string quotes, int dollars)
    {
        while (_at < _source.Length && !Next(quotes))
        {
            int braces = 0;
            while (dollars > 0 && _at + braces < _source.Length && _source[_at + braces] == '{') braces++;
            bool isHole = braces > 0 && braces >= dollars;
            AddText(isHole ? braces - dollars : Math.Max(1, braces));
            if (!isHole) continue;
            AddCode(dollars);
            ReadHole(dollars);
        }

        AddCode(quotes.Length);
    }

    private void ReadQuoted(bool isVerbatim, bool hasHoles)
    {
        while (_at < _source.Length)
        {
            bool isEscape = isVerbatim ? Next("\"\"") : _source[_at] == '\\';
            if (isEscape || (hasHoles && (Next("{{") || Next("}}"))))
            {
                _prose.Append(' '); // \n ends a word, as most escapes do
                _at = Math.Min(_at + 2, _source.Length);
            }
            else if (_source[_at] == '"')
            {
                AddCode(1);
                return;
            }
            else if (hasHoles && _source[_at] == '{')
            {
                AddCode(1);
                ReadHole(1);
            }
            else
            {
                AddText(1);
            }
        }
    }

    /// <summary>The code of an interpolation, and its format, up to and with the braces that close it.</summary>
    private void ReadHole(int braces)
    {
        for (int depth = 0; _at < _source.Length;)
        {
            char c = _source[_at];
            if (c == '}' && depth == 0)
            {
                AddCode(braces);
                return;
            }

            if (c is '(' or '[' or '{') depth++;
            if (c is ')' or ']' or '}') depth--;
            bool isFormat = c == ':' && depth == 0 && !Next("::") && _source[_at - 1] != ':';
            if (isFormat && _source.IndexOf('}', _at) is > 0 and var end) AddCode(end - _at);
            else ReadToken();
        }
    }

    private bool Next(string text) => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0;

    private void AddText(int count)
    {
        _prose.Append(_source, _at, count);
        _at += count;
    }

    /// <summary>Keeps the lines of the code. White space between code and code, or in front of a comment, adds nothing.</summary>
    private void AddCode(int count)
    {
        for (int end = Math.Min(_at + count, _source.Length); _at < end; _at++)
        {
            char c = _source[_at];
            if (c == '\n') _prose.Append(c);
            else if (!char.IsWhiteSpace(c) && (_prose.Length == 0 || _prose[^1] != Code)) _prose.Append(Code);
        }
    }

    [GeneratedRegex(@"\G(?<prefix>[$@]*)(?<quotes>""+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LiteralStart();

    [GeneratedRegex(@"\G'(\\.[^'\n]*|[^'\\\n])'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CharacterLiteral();

    // A tag for layout is a space; a tag that refers to code, and the code in <c>, is code.
    [GeneratedRegex(
        @"<c>.*?</c>|(?<layout></?(summary|remarks|para|returns|value|list|item|term|description|b|i|em|strong|br)\b[^<>]*>)|</?[a-zA-Z][^<>]*>",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Markup();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeSpan();
}
