namespace Samovar;

/// <summary>A snapshot of the connection of an executor or a node to its cluster. Immutable.</summary>
public sealed record ClusterConnectionStatus
{
    /// <summary>Gets the state of the connection; null until the first one has been established.</summary>
    public ClusterConnectionState? State { get; init; }

    /// <summary>Gets why there is no connection, or why the broker accepts no messages: the message of the latest error. Null while the connection works,
    /// and before the first attempt has failed.</summary>
    public string? Error { get; init; }

    /// <summary>Gets how often the connection was interrupted.</summary>
    public long Interruptions { get; init; }

    /// <summary>Gets what the broker is and what it can do; null until the first connection has been established.</summary>
    public ClusterBroker? Broker { get; init; }
}
