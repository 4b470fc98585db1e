using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Samovar.Cli;

/// <summary>Adds an "Examples" section to a command's help.</summary>
internal static class Examples
{
    public static void AddTo(Command command, IReadOnlyList<(string Line, string Does)> examples)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null) command.Add(help = new HelpOption());
        KeepDashes(help);
        help.Action = new Help(new HelpAction(), command, examples);
    }

    // "/h" and "/?" ask for help on Windows; everywhere else they are paths, and a column may be called so.
    private static void KeepDashes(HelpOption help)
    {
        foreach (string alias in help.Aliases.Where(static alias => alias.StartsWith('/')).ToArray()) help.Aliases.Remove(alias);
    }

    // Subcommands without an option of their own inherit the root's, and must not show the root's examples.
    private sealed class Help(HelpAction standard, Command owner, IReadOnlyList<(string Line, string Does)> examples)
        : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command != owner) return result;

            TextWriter output = parseResult.InvocationConfiguration.Output;
            int width = examples.Max(e => e.Line.Length);
            output.WriteLine("Examples:");
            foreach ((string line, string does) in examples) output.WriteLine($"  {line.PadRight(width)}  {does}");
            output.WriteLine();
            return result;
        }
    }
}
