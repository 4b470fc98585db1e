using System.CommandLine;
using System.CommandLine.Parsing;
using Samovar.Cli.Commands;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;

namespace Samovar.Cli;

/// <summary>Defines the tool's commands, and runs a command line to its exit code.</summary>
internal static class CommandLine
{
    // Response files are off: a file or a column may be called @notes, which the parser would otherwise open for more arguments.
    private static readonly ParserConfiguration s_plainWords = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Root { get; } = Build();

    public static async Task<int> RunAsync(string[] args)
    {
        Console.SetError(new BestEffortWriter(Console.Error));
        Console.SetOut(new OutputWriter(Console.Out));
        var parsed = Parse(args.Length == 0 ? ["--help"] : args);
        Action<string> report = HasJsonProgress(parsed) ? ReportAsJson : Console.Error.WriteLine;
        if (parsed.Errors.Count > 0)
        {
            Explain(parsed, report);
            return ExitCode.Usage;
        }

        try
        {
            // Each command handles signals itself: a map lets running items finish.
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UsageException mistake)
        {
            if (mistake.Said is { } said) report(said);
            report($"samovar: {mistake.Message}");
            return mistake.ExitCode;
        }
        catch (OutputLostException lost)
        {
            report($"samovar: {lost.Message}.");
            return ExitCode.OutputLost;
        }
        catch (Exception fault)
        {
            report($"samovar: internal error; please report it with this text:\n{fault}");
            return ExitCode.Fault;
        }
    }

    /// <summary>Parses the arguments, without expanding response files.</summary>
    public static ParseResult Parse(IReadOnlyList<string> words) => Root.Parse(words, s_plainWords);

    private static RootCommand Build()
    {
        var root = new RootCommand(
            "Runs .NET methods over many inputs in parallel, runs tasks of a cluster, inspects programs that use Samovar, and checks what this machine supports.")
        {
            HelpName = "samovar",
        };
        root.Add(MapCommand.Create());
        root.Add(NewCommand.Create());
        root.Add(WorkerCommand.Create());
        root.Add(ClusterCommand.Create());
        root.Add(CacheCommand.Create());
        root.Add(PsCommand.Create());
        root.Add(TopCommand.Create());
        root.Add(TraceCommand.Create());
        root.Add(DashboardCommand.Create());
        root.Add(PostMortemCommand.Create());
        root.Add(TourCommand.Create());
        root.Add(DoctorCommand.Create());
        root.Add(CompletionCommand.Create());
        Examples.AddTo(root,
        [
            ("samovar new map", "create map.cs, a starting point for samovar map"),
            ("samovar map count.cs --files 'src/**/*.cs'", "run a method over files, on all cores"),
            ("samovar tour", "run the guide's programs and time them"),
            ("samovar worker --broker amqp://guest:guest@localhost/", "run tasks of a cluster on this machine"),
            ("samovar ps", "list running programs that use Samovar"),
            ("samovar top 4711", "watch process 4711"),
            ("samovar dashboard 4711", "show process 4711 in the browser"),
            ("samovar post-mortem", "list programs that crashed or were killed, with what they were doing"),
            ("samovar doctor", "report what this machine supports"),
            ("samovar doctor --json", "the same report as JSON"),
        ]);
        return root;
    }

    // A program that reads progress as JSON reads errors from the same stream, so errors must be JSON too.
    private static bool HasJsonProgress(ParseResult parsed) =>
        parsed.GetResult("--progress") is OptionResult { Tokens: [{ Value: var kind }] } && kind.Equals("json", StringComparison.OrdinalIgnoreCase);

    private static void ReportAsJson(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Console.Error.WriteLine(ProgressView.Message(line.TrimEnd('\r')));
    }

    private static void Explain(ParseResult parsed, Action<string> report)
    {
        // After an unknown argument the parser also reports a missing command, which is a consequence and is not shown.
        string? unknown = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        if (unknown is null)
        {
            foreach (ParseError mistake in parsed.Errors) report($"samovar: {mistake.Message}");
        }
        else
        {
            string kind = unknown.StartsWith('-') ? "option" : parsed.CommandResult.Command.Subcommands.Count > 0 ? "command" : "argument";
            report($"samovar: unknown {kind} '{unknown}'.{Spelling.Suggest(unknown, Names(parsed.CommandResult))}");
        }

        report($"Try '{Path(parsed.CommandResult)} --help'.");
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "samovar";

    private static IEnumerable<string> Names(CommandResult result) =>
        result.Command.Subcommands.Select(c => c.Name)
            .Concat(result.Command.Options.SelectMany(o => (IEnumerable<string>)[o.Name, .. o.Aliases]));
}
