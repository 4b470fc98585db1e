using System.CommandLine;
using Samovar.Cli.Doctor;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar doctor</c>: reports what the platform supports, and what is slower or unavailable without it.</summary>
internal static class DoctorCommand
{
    private const string Details =
        """
        Exit codes:
          0  Samovar can run on this machine
          3  a required feature is missing
          6  the report could not be written
        """;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var command = new Command("doctor",
            "Reports the runtime, cores and limits, and which platform features Samovar can use on this machine.")
        {
            json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            HealthReport report = await HealthReport.RunAsync(Host.Current, cancellation);
            if (parsed.GetValue(json)) Console.Out.WriteLine(HealthReportJson.Write(report));
            else Terminal.Write(console => HealthReportText.Write(report, console));
            return report.CanRun ? ExitCode.Success : ExitCode.Unfit;
        });
        Examples.AddTo(command,
        [
            ("samovar doctor", "print the report"),
            ("samovar doctor --json | jq .canRun", "print true if Samovar can run here"),
        ], Details);
        return command;
    }
}
