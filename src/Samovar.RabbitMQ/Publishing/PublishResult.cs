namespace Samovar.RabbitMQ.Publishing;

/// <summary>What the broker did with a message.</summary>
internal enum PublishResult
{
    /// <summary>It stored the message.</summary>
    Stored,

    /// <summary>It has no such queue.</summary>
    Unroutable,

    /// <summary>It refused the message, because the queue is full.</summary>
    Refused,
}
