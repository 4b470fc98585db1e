using System.Text.RegularExpressions;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Shell;

/// <summary>How the values of an item are found in its text. Serialized with the command.</summary>
/// <param name="Form">The format of the text.</param>
/// <param name="Separator">Separates the columns of a line; null if the line is not split.</param>
internal sealed record ItemShape(ItemFormat Form, Regex? Separator)
{
    /// <summary>Parses the value of --colsep: a character, <c>tab</c>, or a regular expression.</summary>
    public static Regex? TryParseSeparator(string text)
    {
        string pattern = text switch
        {
            "tab" => "\t",
            [var c] => Regex.Escape(c.ToString()),
            _ => text,
        };
        try
        {
            var separator = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking); // no item can make it slow
            return separator.IsMatch("") ? null : separator;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null; // the caller reports that the value is not valid
        }
    }
}
