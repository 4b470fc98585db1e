namespace Samovar.RabbitMQ.Publishing;

/// <summary>A message on its way to the broker, and the caller that waits for its confirm.</summary>
internal sealed class OutgoingMessage() : TaskCompletionSource<PublishResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The exchange; empty for a queue.</summary>
    public required string Exchange { get; init; }

    public required string RoutingKey { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public Dictionary<string, object?>? Headers { get; init; }

    /// <summary>Whether the broker drops it unless a consumer takes it at once.</summary>
    public bool ExpiresAtOnce { get; init; }

    /// <summary>Whether the caller handles a message that cannot be routed. Otherwise a missing queue is declared again.</summary>
    public bool MayBeUnroutable { get; init; }

    /// <summary>Whether the caller handles a message that is refused. Otherwise it is sent again.</summary>
    public bool MayBeRefused { get; init; }

    /// <summary>Whether it is complete when it was written, and lost if the connection is interrupted at that moment. The broker confirms a broadcast when
    /// the queues of all members have it, and waits for those of a broker that is cut off until it has noticed that.</summary>
    public bool NeedsNoConfirm { get; init; }

    // The publisher's gate guards all that follows.

    public MessageState State { get; set; }

    /// <summary>Its node in the list of those that wait; null while it does not wait.</summary>
    public LinkedListNode<OutgoingMessage>? Node { get; set; }

    public ulong Sequence { get; set; }

    public long SentAt { get; set; }

    public bool IsReturned { get; set; }

    public CancellationToken CanceledBy { get; set; }
}
