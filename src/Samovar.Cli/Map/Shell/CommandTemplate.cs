using System.Globalization;
using System.Text;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Shell;

/// <summary>A command with placeholders. Immutable, and serialized when the command runs on a cluster.</summary>
/// <remarks>
/// A template without shell syntax is a program and its arguments: each placeholder becomes part of one argument, whatever the item contains. Any other
/// template is a script for <see cref="ShellPath"/>, which receives the items as arguments and reads them through variables. In the script a placeholder
/// is such a variable, quoted as its position requires. Either way the text of an item never becomes part of a script.
/// </remarks>
internal sealed class CommandTemplate
{
    public const string ShellPath = "/bin/sh";

    private const string Variable = "samovar_";

    private readonly TemplatePiece[][] _words; // of a template without shell syntax
    private readonly ScriptPiece[] _pieces; // of a script
    private readonly Placeholder[] _parameters; // of a script, in the order of its variables
    private readonly string _script;

    private CommandTemplate(string text, bool usesShell, TemplatePiece[][] words, ScriptPiece[] pieces)
    {
        Text = text;
        UsesShell = usesShell;
        _words = usesShell ? [] : words;
        _pieces = usesShell ? pieces : [];
        _parameters = [.. _pieces.Select(p => p.Placeholder).OfType<Placeholder>().Distinct()];
        Placeholders = usesShell ? _parameters : [.. words.SelectMany(w => w).Select(p => p.Placeholder).OfType<Placeholder>().Distinct()];
        _script = usesShell ? Script() : "";
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Gets whether a shell runs the command.</summary>
    public bool UsesShell { get; }

    /// <summary>The placeholders, each once.</summary>
    public IReadOnlyList<Placeholder> Placeholders { get; }

    /// <summary>Gets the program; null if it depends on the item.</summary>
    public string? Program => UsesShell ? ShellPath
        : _words[0] is { Length: 0 } ? ""
        : Array.TrueForAll(_words[0], p => p.Placeholder is null) ? string.Concat(_words[0].Select(p => p.Literal)) : null;

    /// <summary>Gets the texts that are the same for all items: whole words, or the pieces of a script.</summary>
    public IEnumerable<string> Literals => UsesShell
        ? _pieces.Where(static p => p.Placeholder is null).Select(static p => p.Literal!).Append(ShellPath)
        : _words.Where(static word => Array.TrueForAll(word, static p => p.Placeholder is null)).Select(static word => string.Concat(word.Select(static p => p.Literal)));

    /// <summary>Parses a template.</summary>
    /// <exception cref="UsageException">The template is empty or not valid.</exception>
    public static CommandTemplate Parse(string text, PlaceholderNames names)
    {
        var parser = new TemplateParser(text, names);
        parser.Parse();
        return new CommandTemplate(text, parser.UsesShell, parser.Words, parser.Script);
    }

    /// <summary>Returns the program and its arguments for an item.</summary>
    /// <exception cref="MalformedItemException">A value cannot be an argument, or the item does not have it.</exception>
    public string[] Arguments(ItemValues values) => UsesShell
        ? [ShellPath, "-c", _script, "sh", .. _parameters.Select(p => Argument(values, p))]
        : [.. _words.Select(word => Joined(word, values))];

    /// <summary>Returns a line of shell that does the same for an item.</summary>
    /// <exception cref="MalformedItemException">A value cannot be an argument, or the item does not have it.</exception>
    public string Describe(ItemValues values)
    {
        if (!UsesShell) return string.Join(' ', _words.Select(word => ShellQuote.Word(Joined(word, values))));
        var line = new StringBuilder();
        foreach (ScriptPiece piece in _pieces)
        {
            if (piece.Placeholder is null)
            {
                line.Append(piece.Literal);
                continue;
            }

            string mark = piece.Quotes switch { Quotes.Single => "'", Quotes.Double => "\"", _ => "" };
            line.Append(mark).Append(ShellQuote.Word(Argument(values, piece.Placeholder))).Append(mark);
        }

        return line.ToString();
    }

    private string Script()
    {
        var script = new StringBuilder();
        // Variables instead of the positional parameters, which a function of the script has of its own.
        for (int i = 1; i <= _parameters.Length; i++) script.Append(CultureInfo.InvariantCulture, $"{Variable}{i}=${{{i}}};");
        foreach (ScriptPiece piece in _pieces)
        {
            if (piece.Placeholder is null)
            {
                script.Append(piece.Literal);
                continue;
            }

            string value = string.Create(CultureInfo.InvariantCulture, $"${{{Variable}{Array.IndexOf(_parameters, piece.Placeholder) + 1}}}");
            script.Append(piece.Quotes switch
            {
                Quotes.Single => $"'\"{value}\"'",
                Quotes.Double => value,
                _ => $"\"{value}\"",
            });
        }

        return script.ToString();
    }

    private static string Joined(TemplatePiece[] word, ItemValues values) => word switch
    {
        [{ Placeholder: null, Literal: var literal }] => literal!,
        [{ Placeholder: { } only }] => Argument(values, only),
        _ => string.Concat(word.Select(p => p.Placeholder is null ? p.Literal : Argument(values, p.Placeholder))),
    };

    private static string Argument(ItemValues values, Placeholder placeholder)
    {
        string value = values.Get(placeholder);
        if (value.Contains('\0')) throw new MalformedItemException("it contains a NUL character, which no argument of a program can contain", null);
        return value;
    }
}

/// <summary>A part of a word: a text or a placeholder.</summary>
internal readonly record struct TemplatePiece(string? Literal, Placeholder? Placeholder);

/// <summary>A part of a script: a text or a placeholder.</summary>
internal readonly record struct ScriptPiece(string? Literal, Placeholder? Placeholder, Quotes Quotes);

/// <summary>The quotes of the template that surround a placeholder.</summary>
internal enum Quotes : byte
{
    None,
    Single,
    Double,
}
