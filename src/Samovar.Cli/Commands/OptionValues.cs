using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Commands;

/// <summary>Options whose values are times and numbers; a value of another form is a parse error that names the option.</summary>
internal static class OptionValues
{
    /// <summary>An option that takes a time, zero included; null without it.</summary>
    public static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        HelpName = "TIME",
        Description = description,
        CustomParser = result => Take(result, "a time such as 0, 500ms, 10s or 2m", static text => text == "0" ? TimeSpan.Zero : Units.TryParseTime(text)),
    };

    /// <summary>An option that takes a whole number; null without it.</summary>
    public static Option<int?> Number(string name, string description, int least, int most, params string[] aliases) => new(name, aliases)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result => Take<int>(
            result,
            string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most:N0}"),
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number : null),
    };

    private static T? Take<T>(ArgumentResult result, string expected, Func<string, T?> parse)
        where T : struct
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        T? value = parse(text);
        if (value is null) result.AddError($"{(result.Parent as OptionResult)?.Option.Name} takes {expected}, not '{text}'.");
        return value;
    }
}
