using Samovar.RabbitMQ.Checking;

namespace Samovar.Cli.Doctor;

/// <summary>What a cluster uses of a broker, and the consequence if it is missing.</summary>
internal static class BrokerFeatures
{
    public static Feature Of(BrokerCheckKind kind) => kind switch
    {
        BrokerCheckKind.Reachable => new("reachable", Severity.Required, "accepts connections at its address", "members cannot connect"),
        BrokerCheckKind.Login => new("login", Severity.Required, "accepts the user and the password", "members cannot connect"),
        BrokerCheckKind.VirtualHost => new("virtual-host", Severity.Required, "has the queues of the cluster", "members cannot connect"),
        BrokerCheckKind.SameCluster => new("same-cluster", Severity.Required, "the addresses lead to one cluster of brokers", "members do not see each other"),
        BrokerCheckKind.Version => new("version", Severity.Required, "3.10 or later", "members refuse to connect"),
        BrokerCheckKind.Permissions => new("permissions", Severity.Required, "members create, write and read their queues", "members cannot connect"),
        BrokerCheckKind.QuorumQueues => new("quorum-queues", Severity.Required, "keep tasks durable on several brokers", "members cannot connect"),
        BrokerCheckKind.Confirms => new("confirms", Severity.Required, "prove that a message is stored", "tasks cannot be submitted"),
        BrokerCheckKind.Streams => new("streams", Severity.Preferred, "store blobs, which are larger than a message", "blobs cannot be stored"),
        BrokerCheckKind.ConsumerTimeout => new("queue-timeouts", Severity.Optional, "an acknowledgement timeout for each queue (x-consumer-timeout)",
            "the timeout of the whole broker counts, 30 minutes by default: raise consumer_timeout in its configuration for longer tasks"),
        BrokerCheckKind.FreeReturns => new("free-returns", Severity.Optional, "a returned message does not count as delivered",
            "members return a message by publishing it again, at the end of its queue"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a member of BrokerCheckKind."),
    };
}
