namespace Samovar;

/// <summary>The state of a <see cref="ClusterConnection"/>.</summary>
public enum ClusterConnectionState
{
    /// <summary>The connection works.</summary>
    Connected,

    /// <summary>The connection works, but the broker accepts no messages at the moment, for example because its disk is full. Sending methods
    /// wait.</summary>
    Blocked,

    /// <summary>The connection is interrupted and is being restored. Deliveries that were not acknowledged go to other members.</summary>
    Interrupted,

    /// <summary>The connection was disposed.</summary>
    Closed,
}
