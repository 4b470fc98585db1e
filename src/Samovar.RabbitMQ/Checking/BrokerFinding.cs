namespace Samovar.RabbitMQ.Checking;

/// <summary>The result of a check of a broker.</summary>
/// <param name="Kind">What was checked.</param>
/// <param name="IsPresent">Whether the broker has it.</param>
/// <param name="Detail">What was found, and what to do if it is missing.</param>
internal sealed record BrokerFinding(BrokerCheckKind Kind, bool IsPresent, string Detail);
