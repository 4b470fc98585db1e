using System.CommandLine;
using Samovar.Cli.Doctor;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar doctor</c>: what this machine offers, and what is therefore slower or missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Write one JSON object instead of text." };
        var command = new Command("doctor",
            "Probes this machine: runtime, cores and limits, and what the platform offers. "
            + "Exit code 0: Samovar can run here; 3: something is missing that it cannot do without.")
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
            ("samovar doctor", "a report to read"),
            ("samovar doctor --json | jq .canRun", "true or false"),
        ]);
        return command;
    }
}
