namespace Samovar;

/// <summary>The numbers of messages in the queues of a cluster. A message can carry several tasks.</summary>
/// <param name="High">Messages that wait in the queue of <see cref="TaskPriority.High"/>.</param>
/// <param name="Normal">Messages that wait in the queue of <see cref="TaskPriority.Normal"/>.</param>
/// <param name="Low">Messages that wait in the queue of <see cref="TaskPriority.Low"/>.</param>
/// <param name="Dead">Messages in the queue of dead letters.</param>
public sealed record ClusterQueueDepth(long High, long Normal, long Low, long Dead)
{
    /// <summary>Gets the number of messages that wait in the three task queues.</summary>
    public long Waiting => High + Normal + Low;
}
