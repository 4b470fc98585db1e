using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using Samovar.Cli.Ps;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar ps</c>: what the executors of a running process do.</summary>
internal static class PsCommand
{
    private const int Most = 100;

    private const string About =
        """
        Shows what a running process does: its event loops with their groups and tasks, the state of each and the line at which it awaits;
        its other executors with their workers and what those run. A loop that is stuck is shown too, with what holds it up. Without a
        PID it lists the processes of yours that can be asked.

        A process answers its own user alone, and opens nothing for it: it is asked through the diagnostic port of its runtime, which
        DOTNET_EnableDiagnostics=0 switches off.

        Exit codes: 0 shown, 2 no such process, or another user's, 7 it is no program with executors, or does not answer within 5 seconds,
        130 Ctrl-C.
        """;

    public static Command Create()
    {
        var pid = new Argument<int?>("PID")
        {
            Description = "The process; none to list them.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result => Number(result, least: 1, "PID"),
        };
        var most = new Option<int>("--most")
        {
            Description = "How many tasks of a group, or groups of a task, are shown; the others are counted.",
            DefaultValueFactory = static _ => Most,
            HelpName = "NUMBER",
            CustomParser = static result => Number(result, least: 0, "--most"),
        };
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text: one object, of the list an array of them." };
        var command = new Command("ps", About) { pid, most, json };
        command.SetAction((parsed, cancellation) => UntilInterruptedAsync(
            stop => parsed.GetValue(pid) is { } number
                ? PsJob.ShowAsync(number, parsed.GetValue(most), parsed.GetValue(json), stop)
                : PsJob.ListAsync(parsed.GetValue(json), stop),
            cancellation));
        Examples.AddTo(command,
        [
            ("samovar ps", "which processes can be asked"),
            ("samovar ps 4711", "the tree of one"),
            ("samovar ps 4711 --most 10", "less of it"),
            ("samovar ps 4711 --json | jq '.executors[].label'", "for programs"),
        ]);
        return command;
    }

    private static int Number(ArgumentResult result, int least, string name)
    {
        string word = result.Tokens is [var token, ..] ? token.Value : "";
        if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < least)
            result.AddError($"{name} takes a number from {least} on, not '{word}'.");
        return number;
    }

    /// <summary>Ctrl-C ends it with what it has opened, and not in the middle.</summary>
    private static async Task<int> UntilInterruptedAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            return await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted; // the exit code says it
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
