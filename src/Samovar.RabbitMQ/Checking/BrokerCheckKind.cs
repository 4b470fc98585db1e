namespace Samovar.RabbitMQ.Checking;

/// <summary>What is checked of a broker, in this order.</summary>
internal enum BrokerCheckKind
{
    /// <summary>The host accepts a connection, with TLS if the address requires it.</summary>
    Reachable,

    /// <summary>The broker accepts the user and password.</summary>
    Login,

    /// <summary>The virtual host exists, and the user may use it.</summary>
    VirtualHost,

    /// <summary>Several addresses lead to brokers of one cluster of brokers.</summary>
    SameCluster,

    /// <summary>The version is recent enough for a cluster.</summary>
    Version,

    /// <summary>The user may create, read and write queues whose names begin with <c>samovar.</c>.</summary>
    Permissions,

    /// <summary>A quorum queue with the arguments of a task queue can be created.</summary>
    QuorumQueues,

    /// <summary>Messages are confirmed; how long that takes.</summary>
    Confirms,

    /// <summary>A stream can be created.</summary>
    Streams,

    /// <summary>A queue can have its own acknowledgement timeout.</summary>
    ConsumerTimeout,

    /// <summary>A returned message does not count as a delivery.</summary>
    FreeReturns,
}
