using System.Text;

namespace Samovar.Cli.Map.Shell;

/// <summary>Splits a command template into words, and into a script in case a shell has to run it.</summary>
/// <remarks>It follows the quoting rules of a POSIX shell. If it errs about the quotes around a placeholder, the item is split or lost, but never run: a
/// script contains variables only.</remarks>
internal sealed class TemplateParser(string text, PlaceholderNames names)
{
    private const string Separators = "|&;<>()\n";
    private const string Patterns = "*?[";

    private readonly string _text = text.Trim(' ', '\t', '\r', '\n');
    private readonly Stack<Surrounding> _inside = new([Surrounding.Plain]);
    private readonly List<List<TemplatePiece>> _words = []; // since the last separator
    private readonly List<ScriptPiece> _script = [];
    private readonly StringBuilder _source = new(); // of the script, since the last placeholder
    private readonly StringBuilder _literal = new(); // of the word, since the last placeholder
    private List<TemplatePiece>? _word; // null between words
    private bool _isQuoted; // some of the word is in quotes
    private bool _hasPlaceholder;
    private int _at;

    private enum Surrounding
    {
        Plain,
        Single,
        Double,

        /// <summary><c>${…}</c></summary>
        Parameter,

        /// <summary><c>$(…)</c></summary>
        Substitution,

        /// <summary><c>(…)</c> inside a substitution.</summary>
        Parenthesis,

        /// <summary><c>`…`</c></summary>
        Backquotes,

        /// <summary><c>$((…))</c></summary>
        Arithmetic,
    }

    public bool UsesShell { get; private set; }

    public TemplatePiece[][] Words => [.. _words.Select(w => w.ToArray())];

    public ScriptPiece[] Script => [.. _script];

    /// <exception cref="UsageException">The template is not valid.</exception>
    public void Parse()
    {
        if (_text.Length == 0) throw new UsageException("The command is empty. Write for example --command 'gzip {}'.");
        if (_text.Contains('\0')) throw new UsageException("The command contains a NUL character.");
        while (_at < _text.Length)
        {
            if (_text[_at] == '{' && names.Match(_text, _at) is { } match) Take(match);
            else TakeCharacter();
        }

        if (_inside.Peek() != Surrounding.Plain) throw new UsageException($"The command has {Open(_inside.Peek())} that is never closed: {_text}");
        if (!_hasPlaceholder)
        {
            EndWord();
            _source.Append(' ');
            AddPlaceholder(Placeholder.Item);
        }

        EndSegment(isLast: true);
        Flush();
    }

    private void Take(PlaceholderMatch match)
    {
        if (match.Placeholder is { } placeholder)
        {
            AddPlaceholder(placeholder);
        }
        else
        {
            _source.Append(match.Literal);
            Literal(match.Literal!);
        }

        _at += match.Length;
    }

    private void AddPlaceholder(Placeholder placeholder)
    {
        if (_inside.Contains(Surrounding.Arithmetic))
            throw new UsageException($"The placeholder {placeholder.Text} is inside $((…)), where the shell would evaluate an item. Pass it to expr or awk as an argument.");
        _hasPlaceholder = true;
        FlushLiteral();
        (_word ??= []).Add(new TemplatePiece(null, placeholder));
        Flush();
        _script.Add(new ScriptPiece(null, placeholder, QuotesHere()));
    }

    // Inside ${…} the quotes around it count.
    private Quotes QuotesHere()
    {
        foreach (Surrounding surrounding in _inside)
        {
            if (surrounding == Surrounding.Single) return Quotes.Single;
            if (surrounding == Surrounding.Double) return Quotes.Double;
            if (surrounding != Surrounding.Parameter) return Quotes.None;
        }

        return Quotes.None;
    }

    private void TakeCharacter()
    {
        char c = _text[_at];
        switch (_inside.Peek())
        {
            case Surrounding.Single when c == '\'':
            case Surrounding.Double when c == '"':
                Close();
                break;
            case Surrounding.Single:
                Keep(c);
                break;
            case Surrounding.Double:
                TakeQuoted(c);
                break;
            case Surrounding.Arithmetic:
                if (_text.AsSpan(_at).StartsWith("))")) Leave(2);
                else Keep(c);
                break;
            case Surrounding.Parameter when c == '}':
            case Surrounding.Backquotes when c == '`':
            case Surrounding.Substitution or Surrounding.Parenthesis when c == ')':
                Leave(1);
                break;
            default:
                TakePlain(c);
                break;
        }
    }

    private void TakeQuoted(char c)
    {
        if (c == '\\' && _at + 1 < _text.Length)
        {
            char next = _text[_at + 1];
            _source.Append(c).Append(next);
            if (next is not ('$' or '`' or '"' or '\\' or '\n')) Literal("\\");
            if (next != '\n') Literal(next.ToString());
            _at += 2;
        }
        else if (!TakeExpansion(c))
        {
            Keep(c);
        }
    }

    private void TakePlain(char c)
    {
        if (c is ' ' or '\t' or '\r')
        {
            EndWord();
            Skip(1);
        }
        else if (c == '\\')
        {
            if (_at + 1 == _text.Length) throw new UsageException($"The command has a backslash at its end, which escapes nothing: {_text}");
            if (_text[_at + 1] != '\n') Literal(_text[_at + 1].ToString());
            _isQuoted = true;
            Skip(2);
        }
        else if (c is '\'' or '"')
        {
            _inside.Push(c == '"' ? Surrounding.Double : Surrounding.Single);
            _word ??= [];
            _isQuoted = true;
            Skip(1);
        }
        else if (c == '#' && _word is null && _literal.Length == 0)
        {
            UsesShell = true;
            int end = _text.IndexOf('\n', _at);
            Skip((end < 0 ? _text.Length : end) - _at);
        }
        else if (Separators.Contains(c))
        {
            TakeSeparator(c);
        }
        else if (!TakeExpansion(c))
        {
            if (Patterns.Contains(c) || c == '~' && _word is null && _literal.Length == 0) UsesShell = true;
            Keep(c);
        }
    }

    private void TakeSeparator(char c)
    {
        if (_text.AsSpan(_at).StartsWith("<<"))
            throw new UsageException("The command has a here-document (<<), which is not supported. Use printf with a pipe, or put the script into a file.");
        UsesShell = true;
        EndSegment(isLast: false);
        if (c == '(' && _inside.Peek() is Surrounding.Substitution or Surrounding.Parenthesis) _inside.Push(Surrounding.Parenthesis);
        Skip(1);
    }

    // $name, ${…}, $(…), $((…)) and `…`; false for any other character.
    private bool TakeExpansion(char c)
    {
        if (c is not ('$' or '`')) return false;
        UsesShell = true;
        _word ??= [];
        ReadOnlySpan<char> rest = _text.AsSpan(_at);
        (Surrounding? inside, int length) = c == '`' ? (Surrounding.Backquotes, 1)
            : rest.StartsWith("$((") ? (Surrounding.Arithmetic, 3)
            : rest.StartsWith("$(") ? (Surrounding.Substitution, 2)
            : rest.StartsWith("${") ? (Surrounding.Parameter, 2)
            : ((Surrounding?)null, 1);
        if (inside == Surrounding.Backquotes && _inside.Contains(Surrounding.Backquotes))
        {
            // Quotes that are still open inside backquotes: the shell reports them.
            while (_inside.Pop() != Surrounding.Backquotes) continue;
            Skip(1);
            return true;
        }

        if (inside is { } entered) _inside.Push(entered);
        Skip(length);
        return true;
    }

    private void Close()
    {
        _inside.Pop();
        Skip(1);
    }

    private void Leave(int length)
    {
        _inside.Pop();
        Skip(length);
    }

    private void Keep(char c)
    {
        _source.Append(c);
        Literal(c.ToString());
        _at++;
    }

    private void Skip(int length)
    {
        _source.Append(_text.AsSpan(_at, length));
        _at += length;
    }

    private void Literal(string part)
    {
        _word ??= [];
        _literal.Append(part);
    }

    private void FlushLiteral()
    {
        if (_literal.Length == 0) return;
        (_word ??= []).Add(new TemplatePiece(_literal.ToString(), null));
        _literal.Clear();
    }

    private void Flush()
    {
        if (_source.Length == 0) return;
        _script.Add(new ScriptPiece(_source.ToString(), null, Quotes.None));
        _source.Clear();
    }

    private void EndWord()
    {
        FlushLiteral();
        if (_word is null) return;
        if (_words.Count == 0 && _word is [{ Literal: { } first }, ..] && !_isQuoted && ShellWords.NeedsShell(first, isWhole: _word.Count == 1)) UsesShell = true;
        _words.Add(_word);
        _word = null;
        _isQuoted = false;
    }

    private void EndSegment(bool isLast)
    {
        EndWord();
        ShellWords.RefuseInnerScript(_words);
        if (!isLast) _words.Clear();
    }

    private static string Open(Surrounding inside) => inside switch
    {
        Surrounding.Single => "a single quote",
        Surrounding.Double => "a double quote",
        Surrounding.Parameter => "a ${",
        Surrounding.Backquotes => "a backquote",
        Surrounding.Arithmetic => "a $((",
        _ => "a $(",
    };
}
