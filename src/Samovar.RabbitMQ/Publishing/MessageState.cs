namespace Samovar.RabbitMQ.Publishing;

/// <summary>Where a message is on its way. Moves: Waiting → Writing → Sent → Completed; from Writing and Sent back to Waiting when the channel ended;
/// from all to Completed when the caller cancels, in Writing as soon as it is written.</summary>
internal enum MessageState
{
    /// <summary>It waits for a place among the unconfirmed messages.</summary>
    Waiting,

    /// <summary>The client library reads its body.</summary>
    Writing,

    /// <summary>It was sent and is not confirmed.</summary>
    Sent,

    /// <summary>The caller has its result. A confirm that still arrives has no effect.</summary>
    Completed,
}
