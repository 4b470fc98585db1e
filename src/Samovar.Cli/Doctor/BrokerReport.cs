namespace Samovar.Cli.Doctor;

/// <summary>The findings of <c>samovar doctor --broker</c>.</summary>
/// <param name="Broker">The address of the broker, without a password.</param>
/// <param name="Features">What was checked, in order. A missing feature that the next ones need is the last.</param>
internal sealed record BrokerReport(string Broker, IReadOnlyList<CheckResult> Features)
{
    /// <summary>Gets the reasons why a cluster cannot use the broker; empty if it can.</summary>
    public IReadOnlyList<string> Obstacles { get; } =
        [.. Features.Where(static one => one.Feature.Severity == Severity.Required && !one.Present).Select(static one => $"{one.Name}: {one.Detail}")];

    public bool CanUse => Obstacles.Count == 0;

    /// <summary>Gets the exit code.</summary>
    internal int ExitCode => Features.FirstOrDefault(static one => one.Feature.Severity == Severity.Required && !one.Present)?.Name switch
    {
        null => Cli.ExitCode.Success,
        "reachable" or "login" or "virtual-host" => Cli.ExitCode.NoAnswer,
        _ => Cli.ExitCode.Unfit,
    };

    public static async Task<BrokerReport> RunAsync(RabbitMQTransport transport, CancellationToken cancellation)
    {
        var findings = await transport.CheckAsync(cancellation);
        return new BrokerReport(
            transport.Endpoint, [.. findings.Select(static finding => new CheckResult(BrokerFeatures.Of(finding.Kind), finding.IsPresent, finding.Detail))]);
    }
}
