using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Commands;

/// <summary>The options of <c>samovar map --command</c>.</summary>
internal sealed class CommandOptionSet
{
    private readonly Option<string?> _command = new("--command")
    {
        HelpName = "COMMAND",
        Description = "Run this shell command for each item in place of a method: 'gzip {}'. {} is the item; {.} {/} {//} {/.} its parts as a path; {#} its number; {%} its slot; {name} a column. Items are never run as code.",
    };

    private readonly Option<Regex?> _separator = new("--colsep")
    {
        HelpName = "REGEX",
        Description = "With --command: split each line into the columns {1}, {2} and so on, at a character, tab or a regular expression.",
        CustomParser = result => Take(result, "a character, tab or a regular expression that matches some text", ItemShape.TryParseSeparator),
    };

    private readonly Option<bool> _lineBuffer = new("--line-buffer") { Description = "With --command: write complete lines at once, instead of the whole output of an item when it has finished." };
    private readonly Option<string?> _results = new("--results") { HelpName = "DIR", Description = "With --command: also store stdout, stderr and the exit code of item N in the files DIR/N/stdout, stderr and exit." };

    private readonly Option<TimeSpan?> _delay = new("--delay")
    {
        HelpName = "TIME",
        Description = "With --command: let at least TIME pass between two starts: 500ms, 2s.",
        CustomParser = result => Take(result, "a time such as 500ms, 2s or 1m", Units.TryParseTime),
    };

    private readonly Option<double?> _load = new("--load")
    {
        HelpName = "N|N%",
        Description = "With --command: start nothing while the load average is N or more, or N % of the processors.",
        CustomParser = result => Take(result, "a load average such as 3.5, or a percentage of the processors such as 80%", ParseLoad),
    };

    private readonly Option<int?> _nice = new("--nice")
    {
        HelpName = "N",
        Description = "With --command: add N to the niceness of the commands; 19 runs them only when the machine is otherwise idle.",
        CustomParser = result => Take(result, "a whole number from -20 to 19", ParseNice),
    };

    public IReadOnlyList<Option> Options => [_command, _separator, _lineBuffer, _results, _delay, _load, _nice];

    /// <summary>Returns whether the command line has a command.</summary>
    public bool IsUsed(ParseResult parsed) => parsed.GetResult(_command) is not null;

    /// <summary>Returns the options of the command; null without one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="onCluster">Whether it runs on a cluster.</param>
    /// <exception cref="UsageException">An option has no effect.</exception>
    public CommandSettings? Read(ParseResult parsed, bool onCluster)
    {
        if (!IsUsed(parsed))
        {
            return Options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } alone
                ? throw new UsageException($"{alone.Name} has no effect without --command. Remove it, or give a command.")
                : null;
        }

        if (onCluster && ((Option[])[_lineBuffer, _delay, _load]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } local)
            throw new UsageException($"{local.Name} has no effect with --cluster: the nodes start the commands, and return their output when they have finished. Remove one of them.");
        if (parsed.GetValue(_load) is not null && !OperatingSystem.IsLinux()) throw new UsageException("--load reads /proc/loadavg, which only Linux has. Remove it.");
        string? folder = parsed.GetValue(_results);
        if (folder is "") throw new UsageException("The name of the folder of --results is empty. Name a folder.");
        if (folder is not null && File.Exists(folder)) throw new UsageException($"--results needs a folder, and {folder} is a file.");
        return new CommandSettings
        {
            Template = parsed.GetValue(_command) ?? "",
            Separator = parsed.GetValue(_separator),
            WritesLines = parsed.GetValue(_lineBuffer),
            ResultsFolder = folder is null ? null : Path.GetFullPath(folder),
            Delay = parsed.GetValue(_delay),
            Load = parsed.GetValue(_load),
            Nice = parsed.GetValue(_nice) ?? 0,
        };
    }

    private static double? ParseLoad(string text)
    {
        bool isPercentage = text.EndsWith('%');
        return double.TryParse(isPercentage ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double load) && load > 0
            ? isPercentage ? load / 100 * Environment.ProcessorCount : load
            : null;
    }

    private static int? ParseNice(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int nice) && nice is >= -20 and <= 19 ? nice : null;

    private static T Take<T>(ArgumentResult result, string expected, Func<string, T> parse)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        T value = parse(text);
        if (value is null) result.AddError($"{(result.Parent as OptionResult)?.Option.Name} takes {expected}, not '{text}'.");
        return value;
    }
}
