namespace Samovar.Cli.Map.Inputs;

/// <summary>Determines the field separator of a table.</summary>
internal static class Separators
{
    private const string Hint = "sep="; // spreadsheets write this line above a header

    /// <summary>Parses <c>;</c>, <c>tab</c> or <c>\t</c>; returns null if the text is not a single character that can be a separator.</summary>
    public static char? TryParse(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var c] when char.IsAscii(c) && !char.IsLetterOrDigit(c) && c is not ('"' or '\r' or '\n') => c,
        _ => null,
    };

    /// <summary>Returns whether a first line only names the separator.</summary>
    public static bool IsHint(string line, out char separator)
    {
        separator = line.Length == Hint.Length + 1 ? line[^1] : ',';
        return line.Length == Hint.Length + 1 && line.StartsWith(Hint, StringComparison.OrdinalIgnoreCase) && TryParse(line[^1..]) is not null;
    }

    /// <summary>Determines the separator of a header line; a comma by default.</summary>
    /// <exception cref="UsageException">The header is ambiguous.</exception>
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
                + $"Choose the one that separates the columns: --separator ',' or --separator {(semicolons > 0 ? "';'" : "tab")}.");
        }

        return commas > 0 ? ',' : semicolons > 0 ? ';' : tabs > 0 ? '\t' : bars > 0 ? '|' : ',';
    }
}
