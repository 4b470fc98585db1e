using System.CommandLine;
using Samovar.Cli.Dashboard;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar dashboard</c>: shows a running process in the browser.</summary>
internal static class DashboardCommand
{
    private const int HighestPort = 65_535;

    private const string About = "Shows the executors, workers and tasks of a running process in the browser.";

    private const string Details =
        """
        The server runs in this tool, on 127.0.0.1; the program opens no port. It records its tasks while the dashboard runs. The link that
        is printed works once: it gives the browser a session. When the program exits or is killed, the pages keep the last picture and
        show how it ended.

        dashboard connects through the diagnostic port of the .NET runtime, which serves only the user that owns the process. Processes
        started with DOTNET_EnableDiagnostics=0 cannot be watched.

        Exit codes:
            2  there is no such process, or it belongs to another user, or the port is in use
            3  the ASP.NET Core runtime is not installed
            7  the process has no executors, or did not respond within 5 seconds
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """;

    public static Command Create()
    {
        var pid = new Argument<int?>("PID")
        {
            Description = "The process to show. Without a PID, the only process that has executors; several are listed.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result => WholeNumbers.One(result, "PID", least: 1),
        };
        var port = new Option<int>("--port")
        {
            Description = "Use this port; without it, a free one.",
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.One(result, "--port", least: 1, HighestPort),
        };
        var noBrowser = new Option<bool>("--no-browser") { Description = "Only print the link, and do not open the browser." };
        var readOnly = new Option<bool>("--read-only") { Description = "Only show: without the buttons that cancel or retry tasks, and kill or retire workers." };
        var arguments = new Option<bool>("--arguments") { Description = "Also show the values that tasks work on, shortened." };
        var command = new Command("dashboard", About) { pid, port, noBrowser, readOnly, arguments };
        command.SetAction((parsed, _) => Interruption.RunAsync(async stop =>
        {
            int number = parsed.GetValue(pid) ?? await OnlyProgram.FindAsync(stop);
            return await new DashboardJob(number, parsed.GetValue(port), !parsed.GetValue(readOnly), parsed.GetValue(arguments), !parsed.GetValue(noBrowser)).RunAsync(stop);
        }));
        Examples.AddTo(command,
        [
            ("samovar dashboard 4711", "show process 4711"),
            ("samovar dashboard", "show the only process that has executors, or list them"),
            ("samovar dashboard 4711 --port 8080 --no-browser", "print the link only, with a fixed port"),
        ], Details);
        return command;
    }
}
