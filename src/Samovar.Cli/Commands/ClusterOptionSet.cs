using System.CommandLine;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Commands;

/// <summary>The options of every command that joins a cluster: its broker, its name and its keys. What is secret can come from the environment, because
/// other users of the machine can read command lines.</summary>
internal sealed class ClusterOptionSet
{
    public const string BrokerVariable = "SAMOVAR_BROKER";
    public const string NameVariable = "SAMOVAR_CLUSTER";
    public const string KeyVariable = "SAMOVAR_CLUSTER_KEY";

    /// <summary>For the help of commands with these options.</summary>
    public const string Details =
        $"""
        The broker's address has a password, and other users can see command lines: set {BrokerVariable} instead of --broker where that
        matters. {NameVariable} and {KeyVariable} replace --cluster and --key-file: the latter holds keys as in the file, separated by commas.
        A broker that is not on this machine requires a key. 'samovar cluster key' creates one.
        """;

    private readonly Option<string?> _broker;
    private readonly Option<string?> _cluster;

    private readonly Option<string?> _keyFile = new("--key-file")
    {
        HelpName = "FILE",
        Description = $"File with the keys of the cluster, one a line; the first one signs. Default: the keys in {KeyVariable}.",
    };

    public ClusterOptionSet()
        : this("--broker", "Address of the broker: amqp://user:password@host/vhost, or amqps:// for TLS; of several brokers, separated by commas.", "--cluster")
    {
    }

    private ClusterOptionSet(string broker, string description, string cluster)
    {
        _broker = new Option<string?>(broker) { HelpName = "URI", Description = $"{description} Default: {BrokerVariable}." };
        _cluster = new Option<string?>(cluster) { HelpName = "NAME", Description = $"Name of the cluster. Default: {NameVariable}, or 'default'." };
    }

    public IReadOnlyList<Option> Options => [_broker, _cluster, _keyFile];

    /// <summary>Returns options for a command that can run without a cluster: it uses one if <see cref="IsUsed"/>.</summary>
    public static ClusterOptionSet Optional()
    {
        var options = new ClusterOptionSet(
            "--cluster", "Run the items on the nodes of a cluster ('samovar worker'). URI is the address of its broker, amqp://user:password@host/vhost, or several addresses, separated by commas.", "--cluster-name");
        options._broker.Arity = ArgumentArity.ZeroOrOne;
        return options;
    }

    /// <summary>Returns whether the command line names a cluster.</summary>
    public bool IsUsed(ParseResult parsed) => parsed.GetResult(_broker) is not null;

    /// <summary>Returns the first option that has no effect without a cluster; null for none.</summary>
    public string? UnusedWithout(ParseResult parsed) => new Option[] { _cluster, _keyFile }.FirstOrDefault(option => parsed.GetResult(option) is not null)?.Name;

    /// <summary>Returns the cluster that the command line and the environment name. Connects to nothing.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of the transport; null for the defaults.</param>
    /// <exception cref="UsageException">A value is missing or not valid.</exception>
    public ClusterTarget Read(ParseResult parsed, RabbitMQTransportOptions? options = null)
    {
        var transport = ReadTransport(parsed, _broker, options);
        string name = Value(parsed, _cluster, NameVariable) ?? "default";
        try
        {
            _ = new ClusterMember(name, "samovar");
        }
        catch (ArgumentException)
        {
            throw new UsageException($"'{name}' is not a name of a cluster: use 1 to 64 letters (a-z), digits, hyphens or underscores.");
        }

        var keys = parsed.GetValue(_keyFile) is { } file ? KeyFile.Read(file)
            : Variable(KeyVariable) is { } text ? KeyFile.Parse(text, $"the variable {KeyVariable}")
            : null;
        if (keys is null && !transport.IsLocal)
        {
            throw new UsageException(
                $"the broker {transport.Endpoint} is not on this machine, so messages need a key: name the cluster's key file with --key-file, or set {KeyVariable}. "
                + "'samovar cluster key' creates one.");
        }

        return new ClusterTarget(transport, name, keys);
    }

    /// <summary>Returns the transport to the broker that the command line or the environment names.</summary>
    /// <exception cref="UsageException">The address is missing or not valid.</exception>
    public static RabbitMQTransport ReadTransport(ParseResult parsed, Option<string?> broker, RabbitMQTransportOptions? options = null)
    {
        string address = Value(parsed, broker, BrokerVariable)
            ?? throw new UsageException($"no broker: give its address with {broker.Name} amqp://user:password@host/vhost, or in the variable {BrokerVariable}.");
        try
        {
            return new RabbitMQTransport(address, options);
        }
        catch (ArgumentException)
        {
            string source = parsed.GetValue(broker) is null ? BrokerVariable : broker.Name;
            throw new UsageException(
                $"{source} is not the address of a broker: it has the form amqp://user:password@host:port/vhost, or amqps:// for TLS. "
                + "Special characters in user, password and virtual host are percent-encoded. Several addresses are separated by commas, and have the same virtual host.");
        }
    }

    private static string? Value(ParseResult parsed, Option<string?> option, string variable) => parsed.GetValue(option) ?? Variable(variable);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
