namespace Samovar.Tests.Brokers;

/// <summary>Where a broker runs that has a network of its own.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Enter">The command that starts a program there.</param>
internal sealed record BrokerMachine(string Address, string[] Enter);
