namespace Samovar;

/// <summary>Describes the broker that a <see cref="ClusterConnection"/> is connected to.</summary>
/// <param name="Product">The product and its version, such as <c>RabbitMQ 3.10.8</c>.</param>
/// <param name="LargestMessage">The largest message in bytes; at least 8 MiB, because members send up to 4 MiB of work or results in a message.</param>
public sealed record ClusterBroker(string Product, int LargestMessage)
{
    /// <summary>Gets whether messages in task queues survive a restart of the broker. Default: true.</summary>
    public bool IsDurable { get; init; } = true;

    /// <summary>Gets what the broker cannot do and the cluster does without, as sentences for an operator. Default: empty.</summary>
    public IReadOnlyList<string> Limitations { get; init; } = [];
}
