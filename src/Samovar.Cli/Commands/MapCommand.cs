using System.CommandLine;
using Samovar.Cli.Map;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar map</c>: a method over many inputs, on all cores.</summary>
internal static class MapCommand
{
    private const string About =
        """
        Runs a public static method of a C# file, a project or a built assembly once for each item, in warm worker processes, and writes
        what it returns. One item that crashes, hangs or leaks costs no other.

        Exit codes: 0 all succeeded, 1 some failed, 2 nothing was run (command line, target or input), 4 stopped by --halt or
        --on-bad-input halt, 5 the input broke off or files were left out, 6 results or log could not be written, 130 Ctrl-C, 141 the reader of the results
        went away, 143 SIGTERM.
        """;

    public static Command Create()
    {
        var o = new MapOptionSet();
        var command = new Command("map", About);
        foreach (Argument argument in o.Arguments) command.Add(argument);
        foreach (Option option in o.Options) command.Add(option);
        command.SetAction((parsed, _) => new MapJob(o.Read(parsed)).RunAsync());
        Examples.AddTo(command,
        [
            ("samovar map count.cs --files 'src/**/*.cs'", "a C# file's only method, over files"),
            ("samovar map tools.dll Text.Length < lines.txt", "one line each, from a pipe"),
            ("samovar map app.csproj Orders.Check --input orders.csv --output checked.csv", "records of CSV to a parameter that is a record"),
            ("samovar map primes.cs --range 1..1000000 --keep-order", "numbers, results in their order"),
            ("samovar map render.cs --timeout 10s --retries 2 --files '*.svg'", "hangs are ended, failures tried again"),
            ("samovar map sum.cs --files '/data/**' --output sums.txt --job-log run.jsonl --resume", "begun, or continued where it stopped"),
            ("samovar map work.cs -- one two three", "items on the command line"),
        ]);
        return command;
    }
}
