using System.Globalization;

namespace Samovar.Cli.Map.Shell;

/// <summary>The placeholders that a template may have, which depend on its input.</summary>
/// <remarks>A text in braces that cannot be a name is no placeholder: <c>{a,b}</c>, <c>{1..9}</c>, <c>{print $1}</c>. Neither is a name after <c>$</c>, as in
/// <c>${HOME}</c>. A name in double braces, <c>{{name}}</c>, is the text <c>{name}</c>.</remarks>
internal sealed class PlaceholderNames
{
    private const string General = "Placeholders are {}, {.}, {/}, {//}, {/.}, {#} and {%}";

    private readonly string _input;
    private readonly IReadOnlyList<string>? _columns; // null if they are not known
    private readonly bool _isNumbered; // the columns are those of --colsep
    private readonly bool _isJson; // each item has properties of its own

    private PlaceholderNames(string input, IReadOnlyList<string>? columns, bool isNumbered, bool isJson)
    {
        _input = input;
        _columns = columns;
        _isNumbered = isNumbered;
        _isJson = isJson;
    }

    /// <summary>The names for items without columns.</summary>
    public static PlaceholderNames OfText { get; } = new("", null, isNumbered: false, isJson: false);

    /// <summary>The names for items that --colsep splits: <c>{1}</c>, <c>{2}</c> and so on.</summary>
    public static PlaceholderNames OfNumbers { get; } = new("", null, isNumbered: true, isJson: false);

    /// <summary>The names for items of JSON: any property.</summary>
    public static PlaceholderNames OfJson { get; } = new("", null, isNumbered: false, isJson: true);

    /// <summary>Returns the names for records with the given columns, which may also be named by their position.</summary>
    public static PlaceholderNames OfColumns(string input, IReadOnlyList<string> columns) => new(input, columns, isNumbered: false, isJson: false);

    /// <summary>Recognizes what begins at a brace.</summary>
    /// <param name="text">The template.</param>
    /// <param name="at">The position of a <c>{</c>.</param>
    /// <returns>The number of characters and either a placeholder or a literal text; null if the brace has no special meaning.</returns>
    /// <exception cref="UsageException">There is no such placeholder.</exception>
    public PlaceholderMatch? Match(string text, int at)
    {
        if (at > 0 && text[at - 1] == '$') return null;
        if (text.AsSpan(at).StartsWith("{{"))
        {
            int doubled = text.IndexOf("}}", at, StringComparison.Ordinal);
            if (doubled < 0) return null;
            string inner = text[(at + 2)..doubled];
            return Standard(inner) is not null || Columned(inner) is not null || CanBeName(inner) ? new(doubled + 2 - at, null, $"{{{inner}}}") : null;
        }

        int end = text.IndexOf('}', at);
        if (end < 0) return null;
        string name = text[(at + 1)..end];
        Placeholder? found = Standard(name) ?? Columned(name);
        return found is not null ? new(end + 1 - at, found, null)
            : CanBeName(name) ? throw new UsageException(Unknown(name))
            : null;
    }

    private static Placeholder? Standard(string name)
    {
        string text = $"{{{name}}}";
        return name switch
        {
            "" => Placeholder.Item,
            "#" => new Placeholder(text, PlaceholderKind.Number),
            "%" => new Placeholder(text, PlaceholderKind.Slot),
            _ => PathParts.Suffixes.FirstOrDefault(s => s.Suffix == name) is { Suffix: not null } suffix ? new Placeholder(text, PlaceholderKind.Item, suffix.Part) : null,
        };
    }

    private Placeholder? Columned(string name)
    {
        if (Column(name) is { } whole) return new Placeholder($"{{{name}}}", PlaceholderKind.Column, Column: whole);
        foreach ((string suffix, PathPart part) in PathParts.Suffixes)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal) && Column(name[..^suffix.Length]) is { } column)
                return new Placeholder($"{{{name}}}", PlaceholderKind.Column, part, column);
        }

        return null;
    }

    private string? Column(string name)
    {
        if (_isJson) return IsPlainName(name) ? name : null;
        bool isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;
        if (_isNumbered) return isNumber ? name : null;
        if (_columns is null) return null;
        return _columns.FirstOrDefault(c => c.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? (isNumber && number <= _columns.Count ? _columns[number - 1] : null);
    }

    private string Unknown(string name)
    {
        string reason = _columns is not null ? $"{_input} has no column '{name}'; it has {string.Join(", ", _columns)}. {General}"
            : _isNumbered ? $"the columns of --colsep are {{1}}, {{2}} and so on. {General}"
            : $"{(name.All(char.IsAsciiDigit) ? "{1}, {2} and so on need --colsep" : "a column needs CSV or JSON as input")}. {General}";
        return $"The command has an unknown placeholder, {{{name}}}: {reason}. Write {{{{{name}}}}} for the text {{{name}}}.";
    }

    // A name, with or without a suffix for a part of a path.
    private static bool CanBeName(string text)
    {
        string suffix = PathParts.Suffixes.FirstOrDefault(s => text.EndsWith(s.Suffix, StringComparison.Ordinal)).Suffix ?? "";
        return IsPlainName(text[..^suffix.Length]);
    }

    private static bool IsPlainName(string text) =>
        text.Length > 0 && text[0] != '-' && text.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-');
}

/// <summary>What begins at a brace of a template.</summary>
/// <param name="Length">The number of characters in the template.</param>
/// <param name="Placeholder">The placeholder; null for a literal text.</param>
/// <param name="Literal">The literal text; null for a placeholder.</param>
internal readonly record struct PlaceholderMatch(int Length, Placeholder? Placeholder, string? Literal);
