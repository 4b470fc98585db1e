namespace Samovar.Cli.Map.Inputs;

/// <summary>What separates the fields of a table.</summary>
internal static class Separators
{
    private const string Hint = "sep="; // the line that spreadsheets put above a header

    /// <summary>Reads <c>;</c>, <c>tab</c>, <c>\t</c>; null where the text is no one character that can separate.</summary>
    public static char? TryParse(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var c] when char.IsAscii(c) && !char.IsLetterOrDigit(c) && c is not ('"' or '\r' or '\n') => c,
        _ => null,
    };

    /// <summary>Whether a first line only names the separator.</summary>
    public static bool IsHint(string line, out char separator)
    {
        separator = line.Length == Hint.Length + 1 ? line[^1] : ',';
        return line.Length == Hint.Length + 1 && line.StartsWith(Hint, StringComparison.OrdinalIgnoreCase) && TryParse(line[^1..]) is not null;
    }

    /// <summary>The separator of a header line: a comma, or what is there in its place.</summary>
    /// <exception cref="UsageException">It could be read in two ways.</exception>
    public static char Of(string header, string name)
    {
        int commas = 0, semicolons = 0, tabs = 0, bars = 0;
        bool isQuoted = false;
        foreach (char c in header)
        {
            if (c == '"') isQuoted = !isQuoted;
            else if (isQuoted) continue;
            else if (c == ',') commas++;
            else if (c == ';') semicolons++;
            else if (c == '\t') tabs++;
            else if (c == '|') bars++;
        }

        if (commas > 0 && (semicolons > 0 || tabs > 0))
        {
            throw new UsageException(
                $"The header of {name} has commas and {(semicolons > 0 ? "semicolons" : "tabs")}: '{Outputs.TextFormat.Short(header)}'. "
                + $"Say which separate the columns: --separator ',' or --separator {(semicolons > 0 ? "';'" : "tab")}.");
        }

        return commas > 0 ? ',' : semicolons > 0 ? ';' : tabs > 0 ? '\t' : bars > 0 ? '|' : ',';
    }
}
