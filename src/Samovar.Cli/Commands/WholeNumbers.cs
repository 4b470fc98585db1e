using System.CommandLine.Parsing;
using System.Globalization;

namespace Samovar.Cli.Commands;

/// <summary>Parses whole numbers on the command line; a value out of range is a parse error that names the option.</summary>
internal static class WholeNumbers
{
    public static int One(ArgumentResult result, string name, int least, int most = int.MaxValue)
    {
        int[] all = All(result, name, least, most);
        return all.Length == 1 ? all[0] : default;
    }

    public static int[] All(ArgumentResult result, string name, int least, int most = int.MaxValue)
    {
        var numbers = new List<int>();
        foreach (var token in result.Tokens)
        {
            if (int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            {
                numbers.Add(number);
                continue;
            }

            string range = most == int.MaxValue ? $"of at least {least}" : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most:N0}");
            result.AddError($"{name} takes a whole number {range}, not '{token.Value}'.");
            return [];
        }

        return [.. numbers];
    }
}
