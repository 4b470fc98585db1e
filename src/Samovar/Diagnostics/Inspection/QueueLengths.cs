namespace Samovar.Diagnostics.Inspection;

/// <summary>How many messages wait in the queues of a cluster: by priority, and the dead letters.</summary>
internal sealed record QueueLengths(long High, long Normal, long Low, long Dead);
