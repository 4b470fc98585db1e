namespace Samovar.Ipc.Queues;

/// <summary>The result of an attempt to put an item.</summary>
internal enum PutOutcome
{
    Put,
    Full,
    Completed,
}
