using System.CommandLine;
using Samovar.Cli.Map;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar map</c>: runs a method or a command over many inputs, on all cores.</summary>
internal static class MapCommand
{
    private const string About =
        "Runs a public static method once for each input item, in warm worker processes, and writes the results. "
        + "An item that crashes, hangs or leaks memory does not affect the others. With --command it runs a shell command for each item.";

    private const string Details =
        """
        Exit codes:
            0  all items succeeded
            1  some items failed
            2  nothing was run: the command line, the target or the input is invalid
            4  stopped by --halt or --on-bad-input halt, or because a program of --command cannot be run
            5  reading the input failed, or files were left out
            6  results or the job log could not be written
            7  the broker of --cluster could not be reached, or refused the connection
          130  interrupted by Ctrl-C
          141  the reader of the results closed the pipe
          143  terminated by SIGTERM
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
            ("samovar map count.cs --files 'src/**/*.cs'", "run the only method of a C# file over files"),
            ("samovar map tools.dll Text.Length < lines.txt", "run it for each line of standard input"),
            ("samovar map app.csproj Orders.Check --input orders.csv --output checked.csv", "map CSV records to a record parameter"),
            ("samovar map primes.cs --range 1..1000000 --keep-order", "run it for numbers, with the results in order"),
            ("samovar map render.cs --timeout 10s --retries 2 --files '*.svg'", "kill items that run longer than 10 s; retry failures twice"),
            ("samovar map sum.cs --files '/data/**' --output sums.txt --job-log run.jsonl --resume", "start a run, or resume it where it left off"),
            ("samovar map work.cs --range 1..5000 --cluster amqp://guest:guest@localhost/", "run the items on the nodes of a cluster"),
            ("samovar map work.cs -- one two three", "pass the items as arguments"),
            ("samovar map --command 'convert {} {.}.png' --files '*.svg'", "run a program for each file, as xargs and GNU parallel do"),
            ("find . -name '*.log' -print0 | samovar map -0 --command 'grep -c error {} | tr -d \"\\n\"' --tag", "run a script of shell"),
            ("samovar map --command './score.sh {}' --files 'data/*.csv' --cache", "run it only for files that are new or have changed since an earlier run"),
        ], Details);
        return command;
    }
}
