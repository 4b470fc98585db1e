using System.CommandLine;
using Samovar.Cli.Doctor;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar doctor</c>: reports what the platform supports, and what is slower or unavailable without it.</summary>
internal static class DoctorCommand
{
    private const string Details =
        """
        Exit codes:
          0  Samovar can run on this machine; with --broker, a cluster can use the broker
          2  the address of the broker is not valid
          3  a required feature is missing
          6  the report could not be written
          7  the broker could not be reached, or refused the connection
        """;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var broker = new Option<string?>("--broker")
        {
            HelpName = "URI",
            Description = $"Check a broker of a cluster instead: amqp://user:password@host/vhost, or several addresses, separated by commas. Without URI: the address in {ClusterOptionSet.BrokerVariable}.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("doctor",
            "Reports the runtime, cores and limits, and which platform features Samovar can use on this machine; or checks a broker.")
        {
            json, broker,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetResult(broker) is not null)
            {
                var transport = ClusterOptionSet.ReadTransport(parsed, broker);
                return await Interruption.RunAsync(stop => CheckBrokerAsync(transport, parsed.GetValue(json), stop));
            }

            HealthReport report = await HealthReport.RunAsync(Host.Current, cancellation);
            if (parsed.GetValue(json)) Console.Out.WriteLine(HealthReportJson.Write(report));
            else Terminal.Write(console => HealthReportText.Write(report, console));
            return report.CanRun ? ExitCode.Success : ExitCode.Unfit;
        });
        Examples.AddTo(command,
        [
            ("samovar doctor", "print the report"),
            ("samovar doctor --json | jq .canRun", "print true if Samovar can run here"),
            ("samovar doctor --broker amqp://shop@broker/shop", "check whether a cluster can use a broker"),
        ], Details);
        return command;
    }

    private static async Task<int> CheckBrokerAsync(RabbitMQTransport transport, bool isJson, CancellationToken cancellation)
    {
        var report = await BrokerReport.RunAsync(transport, cancellation);
        if (isJson) Console.Out.WriteLine(HealthReportJson.Write(report));
        else Terminal.Write(console => HealthReportText.Write(report, console));
        return report.ExitCode;
    }
}
