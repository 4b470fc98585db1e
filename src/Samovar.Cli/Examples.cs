using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Samovar.Cli;

/// <summary>Adds sections to a command's help: details after the options, then "Examples".</summary>
internal static class Examples
{
    /// <param name="command">The command.</param>
    /// <param name="examples">The example command lines and what each does.</param>
    /// <param name="details">Paragraphs below the options, such as the exit codes; the description is only a summary, which the list of
    /// commands shows too. Null for none.</param>
    public static void AddTo(Command command, IReadOnlyList<(string Line, string Does)> examples, string? details = null)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null) command.Add(help = new HelpOption());
        KeepDashes(help);
        help.Action = new Help(new HelpAction(), command, examples, details);
    }

    // "/h" and "/?" request help on Windows; elsewhere they are paths, and a column may have such a name.
    private static void KeepDashes(HelpOption help)
    {
        foreach (string alias in help.Aliases.Where(static alias => alias.StartsWith('/')).ToArray()) help.Aliases.Remove(alias);
    }

    // A subcommand without a help option of its own inherits the root's, and must not show the root's examples.
    private sealed class Help(HelpAction standard, Command owner, IReadOnlyList<(string Line, string Does)> examples, string? details)
        : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command != owner) return result;

            TextWriter output = parseResult.InvocationConfiguration.Output;
            if (details is not null)
            {
                output.WriteLine(details);
                output.WriteLine();
            }

            int width = examples.Max(e => e.Line.Length);
            output.WriteLine("Examples:");
            foreach ((string line, string does) in examples) output.WriteLine($"  {line.PadRight(width)}  {does}");
            output.WriteLine();
            return result;
        }
    }
}
